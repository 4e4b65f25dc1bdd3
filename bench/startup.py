"""Start-up: what a process pays that switches a peer on, without ever calling a model and up to its first call.

Wall and CPU time are the least of several interleaved rounds, which is what a quiet machine would show; on a busy one
trust the CPU time. `off` is ours with `TELLMETRY=off`, and the `.pth` line by itself is timed apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from bench import environments, exporting
from bench.peers import BY_NAME, Peer

ROUNDS = 5
_CALL = """
from bench.work import clients
from bench.payloads import CHAT
clients()[0].chat.completions.create(**CHAT)
"""
_LOOK = """
import json, os, resource, sys, threading, time
print("bench:" + json.dumps({
    "cpu_ms": time.process_time() * 1e3,
    "rss_mib": int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20,
    "modules": modules,
    "threads": threading.active_count(),
    "openai": openai,
    "opentelemetry": telemetry,
}))
sys.stdout.flush()
os._exit(0)
"""
# Looked at first: what the looking itself imports is not the peer's.
_COUNT = """
import sys
modules = len(sys.modules)
openai, telemetry = "openai" in sys.modules, any(name.startswith("opentelemetry") for name in sys.modules)
"""


def measure(names: list[str], rounds: int = ROUNDS) -> dict[str, dict[str, dict[str, Any]]]:
    """Give, for every peer, what it costs idle and with the first call."""
    best: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in names}
    for round_ in range(rounds + 1):  # the first fills the caches
        for name in names:
            for state, program in programs(BY_NAME[name]).items():
                told = _once(BY_NAME[name], program, off=state == "off")
                if round_:
                    best[name][state] = _better(best[name].get(state), told)
    return best


def programs(peer: Peer) -> dict[str, str]:
    """Give what an app of this peer would be: idle, and with one call; ours also switched off."""
    told = {"idle": peer.start + _COUNT + _LOOK, "first": peer.start + peer.late + _CALL + _COUNT + _LOOK}
    if peer.environment == "tellmetry":
        told |= {"off": _COUNT + _LOOK}
    return told


def _once(peer: Peer, program: str, *, off: bool) -> dict[str, Any]:
    env = {**exporting.environment(peer), "PYTHONPATH": str(environments.ROOT) if "bench" in program else ""}
    if off:
        env["TELLMETRY"] = "off"
    started = time.perf_counter()
    done = subprocess.run([environments.python(peer), "-c", program], env=env, capture_output=True, text=True)
    wall_ms = (time.perf_counter() - started) * 1e3
    line = next((line for line in done.stdout.splitlines() if line.startswith("bench:")), None)
    if line is None:
        raise RuntimeError(f"{peer.name} did not start:\n{done.stderr[-800:]}")
    return {**json.loads(line[6:]), "wall_ms": wall_ms}


def _better(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any]:
    """Keep the least of every figure."""
    return now if before is None else {key: min(before[key], now[key]) for key in now}


def pth_line_us(times: int = 2000) -> float:
    """Time the line that Python runs at every start, as it runs it, with `TELLMETRY` unset."""
    line = (environments.ROOT / "src" / "tellmetry.pth").read_text()
    before = os.environ.pop("TELLMETRY", None)
    try:
        rounds = []
        for _ in range(5):
            started = time.process_time()
            for _ in range(times):
                exec(line)
            rounds.append((time.process_time() - started) / times * 1e6)
        return min(rounds)
    finally:
        if before is not None:
            os.environ["TELLMETRY"] = before


