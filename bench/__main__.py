"""Print what a chat call costs: added instructions, as the difference of two runs that differ only in their calls.

    make bench        needs valgrind; takes about four minutes
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = 50, 250


def instructions(python: str, mode: str, calls: int) -> int:
    """Count the instructions of one run."""
    env = {**os.environ, "PYTHONHASHSEED": "0", "TELLMETRY": "off" if mode == "plain" else "local"}
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", python, "-m", "bench.chat", mode, str(calls)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        sys.exit(f"bench: callgrind printed no total:\n{done.stderr[-2000:]}")
    return int(found.group(1))


def per_call(python: str, mode: str) -> float:
    """Give millions of instructions per call."""
    return (instructions(python, mode, MANY) - instructions(python, mode, FEW)) / (MANY - FEW) / 1e6


def main() -> None:
    """Measure and print."""
    if shutil.which("valgrind") is None:
        sys.exit("bench: valgrind is not installed; `apt-get install valgrind` or your system's way, then again.")
    suite = [sys.executable, str(ROOT / "tests" / "suite.py"), "env", "new"]
    python = subprocess.run(suite, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    plain = per_call(python, "plain")
    print(f"plain openai client                   {plain:6.2f} M instructions a call")
    for mode, says in (("ours", "added, our own way out"), ("app", "added, through the app's provider")):
        print(f"{says:36s}  {per_call(python, mode) - plain:6.2f} M")


if __name__ == "__main__":
    main()
