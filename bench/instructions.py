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


def measure(peer: Peer, works: tuple[str, ...] = (), python: str | None = None) -> dict[str, float]:
    """Give instructions per call of every work and per streamed chunk, and of some peers what they add to a chunk."""
    python = python or environments.python(peer)
    runs = [_per_call(python, peer, works)]
    if peer.disarm and not works:
        runs += [_per_call(python, peer, _STREAMS, seed) for seed in _MORE_SEEDS]
    per_call = runs[0]
    for stream, chunk in (("stream", "chunk"), ("astream", "achunk")):
        if f"{stream}_long" in per_call:
            if f"{stream}_long_alone" in per_call:
                per_call[f"{chunk}_added"] = mean(_a_chunk(run, stream) - _a_chunk(run, stream, "_alone") for run in runs)
            per_call[chunk] = _a_chunk(per_call, stream)
            per_call[stream] = per_call[f"{stream}_short"] - SHORT * per_call[chunk]
    return {what: told for what, told in per_call.items() if what.partition("_")[2] in ("", "added")}


_STREAMS = ("stream_short", "stream_long", "astream_short", "astream_long")
_MORE_SEEDS = ("1", "2", "3")  # for the hashes of texts, and so the layout of memory, which moves a figure by 500


def _a_chunk(per_call: dict[str, float], stream: str, how: str = "") -> float:
    return (per_call[f"{stream}_long{how}"] - per_call[f"{stream}_short{how}"]) / (LONG - SHORT)


def _per_call(python: str, peer: Peer, works: tuple[str, ...], seed: str = "0") -> dict[str, float]:
    env = {
        **os.environ,
        **dict(peer.variables),
        "PYTHONHASHSEED": seed,
        "TELLMETRY": "off",
        "TELLMETRY_FLUSH_S": "3600",  # under valgrind a second passes with every call, which would make each a batch
        "OTEL_METRIC_EXPORT_INTERVAL": "3600000",
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
