"""Instructions by callgrind, as the difference of two runs that differ only in how often the work is done."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import mean

from bench import counted, environments
from bench.peers import Peer
from bench.valgrind import CAN_START
from bench.work import LONG, SHORT

_TOTAL = re.compile(r"==(\d+)== Collected : (\d+)")
_CALLGRIND = (
    "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--instr-atstart={'no' if CAN_START else 'yes'}",
)  # fmt: skip
_LONGEST_S = 1500
_STARTS = 5
_STREAMS = tuple(f"{stream}_{size}" for stream in ("stream", "astream") for size in ("short", "long"))
# What a large block costs depends on all that was freed before, which hides what a chunk costs; from a cache it does not.
_ONE_WAY_TO_ALLOCATE = "glibc.malloc.tcache_count=60000:glibc.malloc.tcache_max=1048576"


def measure(peer: Peer, works: tuple[str, ...] = (), python: str | None = None) -> dict[str, float]:
    """Give instructions per call of every work and per streamed chunk: with the peer, and with it taken out again.

    Where objects come to lie decides which of Python's attribute lookups share a place in its cache: half a thousand a
    chunk. So what can be taken out is counted in several starts, each with hashes of its own, and the mean is given.
    """
    python = python or environments.python(peer)
    starts = [_per_call(python, peer, works, 0)]
    if peer.disarm:
        starts += [_per_call(python, peer, _STREAMS, seed) for seed in range(1, _STARTS)]
    per_call = {what: mean(one[what] for one in starts if what in one) for what in starts[0]}
    for stream, chunk in (("stream", "chunk"), ("astream", "achunk")):
        for state in ("", "_alone"):
            if f"{stream}_long{state}" in per_call:
                long, short = (per_call.pop(f"{stream}_{size}{state}") for size in ("long", "short"))
                per_call[chunk + state] = (long - short) / (LONG - SHORT)
                per_call[stream + state] = short - SHORT * per_call[chunk + state]
    return per_call


def _per_call(python: str, peer: Peer, works: tuple[str, ...], seed: int) -> dict[str, float]:
    env = {
        **os.environ,
        **dict(peer.variables),
        "PYTHONHASHSEED": str(seed),
        "TELLMETRY": "off",
        "TELLMETRY_FLUSH_S": "3600",  # under valgrind a second passes with every call, which would make each a batch
        "OTEL_METRIC_EXPORT_INTERVAL": "3600000",
        "GLIBC_TUNABLES": _ONE_WAY_TO_ALLOCATE,
        "PYTHONPATH": str(environments.ROOT),
    }
    command = ["valgrind", *_CALLGRIND, python, "-m", "bench.counted", peer.name]
    done = subprocess.run(
        [*command, *works], cwd=environments.ROOT, env=env, capture_output=True, text=True, timeout=_LONGEST_S
    )
    totals = {pid: int(total) for pid, total in _TOTAL.findall(done.stderr)}
    seen: dict[str, list[tuple[int, int]]] = {}
    for line in done.stdout.splitlines():
        what, _, rest = line.partition(" ")
        calls, _, pid = rest.partition(" ")
        if pid in totals:
            seen.setdefault(what, []).append((int(calls), totals[pid]))
    if not seen:
        raise RuntimeError(f"callgrind counted nothing for {peer.name}:\n{done.stdout[-500:]}\n{done.stderr[-1500:]}")
    return {what: _slope(*points) for what, points in seen.items() if len(points) == 2}


def _slope(few: tuple[int, int], many: tuple[int, int]) -> float:
    return (many[1] - few[1]) / (many[0] - few[0])


def need_valgrind() -> None:
    """Leave with one sentence where valgrind is missing."""
    if shutil.which("valgrind") is None:
        sys.exit("bench: valgrind is not installed; `apt-get install valgrind` or your system's way, then again.")
