"""Leaving with a dead Collector: how long the process takes to end after its last line, and how many spans are lost."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import environments, exporting
from bench.peers import BY_NAME, Peer

CALLS = 50
_LONGEST_S = 240
_PROGRAM = """
from bench.work import clients
from bench.payloads import CHAT
client, _ = clients()
for _ in range({calls}):
    client.chat.completions.create(**CHAT)
import time
print("bench:", time.time(), flush=True)
"""


def measure(peer: Peer) -> dict[str, Any]:
    """Give seconds from the program's last line to its end, and what became of its spans."""
    with tempfile.TemporaryDirectory() as store:
        env = {**exporting.environment(peer, store=Path(store)), "PYTHONPATH": str(environments.ROOT)}
        program = peer.start + peer.late + _PROGRAM.format(calls=CALLS)
        done = subprocess.Popen(
            [environments.python(peer), "-c", program], env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        said, noise = done.communicate(timeout=_LONGEST_S)
        left = time.time()
        ended = next(float(line.split()[1]) for line in said.splitlines() if line.startswith("bench:"))
        told = {"exit_s": left - ended, "calls": CALLS, "stderr_lines": len(noise.splitlines())}
        if peer.environment == "tellmetry":
            told["lost"] = CALLS - _stored(env)
        elif peer.start:
            told["lost"] = CALLS  # the endpoint took none, and nothing else is kept
        return told


def _stored(env: dict[str, str]) -> int:
    """Count our spans on disk with our own reader."""
    program = (
        "import os, pathlib; from tellmetry.emit import spool;"
        "print(sum(len(told) for told, _ in spool.read(pathlib.Path(os.environ['TELLMETRY_STORE']))))"
    )
    env = {**env, "TELLMETRY": "off", "PYTHONPATH": str(environments.ROOT / "src")}
    python = environments.python(BY_NAME["tellmetry"])
    return int(subprocess.run([python, "-c", program], env=env, capture_output=True, text=True, check=True).stdout)
