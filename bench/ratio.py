"""CPU time of the app's thread in interleaved rounds: every peer in turn, again and again, each round a ratio.

What a busy machine does to one peer it does to the others of the same round, so ratios last where times do not.
"""

from __future__ import annotations

import os
import subprocess
from statistics import median

from bench import environments
from bench.peers import BY_NAME, Peer

ROUNDS, CALLS = 15, 20
WORKS = ("chat", "achat", "embed")


class _Running:
    """One peer's process, waiting to be asked."""

    def __init__(self, peer: Peer) -> None:
        env = {**os.environ, **dict(peer.variables), "TELLMETRY": "off", "PYTHONPATH": str(environments.ROOT)}
        self._process = subprocess.Popen(
            [environments.python(peer), "-m", "bench.timed", peer.name], cwd=environments.ROOT, env=env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while self._read() != "ready":
            pass

    def _read(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("it ended before it had answered")
        return line.strip()

    def ask(self, work: str, calls: int) -> float:
        self._process.stdin.write(f"{work} {calls}\n")
        self._process.stdin.flush()
        return float(self._read())

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def measure(names: list[str], rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Give, for every peer and work, the median over rounds of its CPU time to that of the client alone."""
    needed = list(dict.fromkeys([*names, *(BY_NAME[name].against for name in names if BY_NAME[name].against)]))
    running = {name: _Running(BY_NAME[name]) for name in needed}
    try:
        taken = [{name: _round(one) for name, one in running.items()} for _ in range(rounds)]
    finally:
        for one in running.values():
            one.stop()
    return {
        name: {work: round(median(_ratio(told, name, work) for told in taken), 3) for work in WORKS} for name in names
    }


def _round(one: _Running) -> dict[str, float]:
    return {work: one.ask(work, CALLS) for work in WORKS}


def _ratio(told: dict[str, dict[str, float]], name: str, work: str) -> float:
    return told[name][work] / told[BY_NAME[name].against or name][work]
