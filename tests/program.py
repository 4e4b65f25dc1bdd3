"""Run a program as a user would: a Python of its own, a clean environment, and what it said, took and left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tellmetry.emit import spool
from tellmetry.emit.spans import Finished

_OURS = ("TELLMETRY", "OTEL_", "PYTHONPATH", "COLUMNS")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_STAMP = "leaving at "


@dataclass(frozen=True)
class Ran:
    """How a program ended."""

    code: int
    out: str
    err: str
    leaving_s: float | None  # from the program's last statement to its end, where it says `leaving()`

    @property
    def ours(self) -> list[str]:
        """What we said on its stderr."""
        return [line for line in self.err.splitlines() if line.startswith("tellmetry")]


def environment(**more: str) -> dict[str, str]:
    """Give this process's environment without anything that concerns us, and what the test adds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS) and name.upper() not in _PROXIES}
    return {**kept, **more}


LEAVING = f"""
def leaving():
    import sys, time
    print({_STAMP!r} + repr(time.time()), flush=True)
"""


def run(code: str | Path, *args: str, env: Mapping[str, str], python: str = sys.executable, flags: tuple[str, ...] = ()) -> Ran:
    """Run a program text, or a script, to its end."""
    what = [str(code)] if isinstance(code, Path) else ["-c", LEAVING + code]
    process = subprocess.Popen(
        [python, *flags, *what, *args], env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    ended = time.time()
    stamps = [line for line in out.splitlines() if line.startswith(_STAMP)]
    left = float(stamps[-1].removeprefix(_STAMP)) if stamps else None
    said = "".join(line + "\n" for line in out.splitlines() if not line.startswith(_STAMP))
    return Ran(process.returncode, said, err, None if left is None else ended - left)


def stored(store: Path) -> list[Finished]:
    """Give the spans that lie in a store; a line that cannot be read fails the test."""

    def torn(path: Path) -> None:
        raise AssertionError(f"a torn line in {path}")

    return [span for told, _ in spool.read(store, torn) for span in told]
