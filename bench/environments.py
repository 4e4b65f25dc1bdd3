"""One virtual environment a peer, made anew when what it requires has changed; its versions are part of every result."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers import BY_NAME, Peer
from tests.suite import uv

ROOT = Path(__file__).resolve().parent.parent
WHERE = ROOT / ".envs" / "bench"


class Unavailable(Exception):
    """A peer that cannot be installed here; the message is the installer's last line."""


def python(peer: Peer) -> str:
    """Make a peer's environment if it is missing or out of date; give its interpreter."""
    home = BY_NAME[peer.environment]
    where = WHERE / home.name
    interpreter = where / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = repr((sys.version, home.requires, home.overrides))
    stamp = where / ".made-from"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(where, ignore_errors=True)
        _install(home, where, str(interpreter))
        stamp.write_text(wanted)
    return str(interpreter)


def _install(peer: Peer, where: Path, interpreter: str) -> None:
    installer = uv()
    if installer is None:
        raise Unavailable("uv cannot be fetched, and only uv can install what some peers pin apart")
    wanted = [item for one in peer.requires for item in (("-e", str(ROOT)) if one == "tellmetry" else (one,))]
    where.mkdir(parents=True)
    overrides = where.with_suffix(".overrides")
    overrides.write_text("\n".join(peer.overrides))
    _run([installer, "venv", "-q", "--allow-existing", "--python", sys.executable, str(where)])
    _run([installer, "pip", "install", "-q", "--python", interpreter, "--override", str(overrides), *wanted])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable((done.stderr.strip().splitlines() or ["the installer failed"])[-1])


def versions(interpreter: str) -> dict[str, str]:
    """Give the versions that a result depends on."""
    wanted = ("openai", "opentelemetry", "openinference", "openlit", "logfire", "langfuse", "ddtrace", "traceloop", "wrapt")
    program = "from importlib.metadata import distributions\nfor one in distributions(): print(one.name.lower(), one.version)"
    told = subprocess.run([interpreter, "-c", program], capture_output=True, text=True, check=True).stdout
    pairs = sorted(line.split() for line in told.splitlines())
    return {name: version for name, version in pairs if name.startswith(wanted) and "semantic" not in name}
