"""One server process: started, waited for, stopped; one that dies at start says why."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.stack.tools import cache

HOST = "127.0.0.1"
# A port is held by a locked file for as long as this process lives: another test run, on this machine at this moment,
# would otherwise pick it between our looking and the server's binding it.
_held: list[IO[str]] = []


class ServerError(RuntimeError):
    """A server died or never got ready; the message carries the end of its log."""


def free_port() -> int:
    """Pick a free loopback port below the range from which outgoing connections take theirs, and keep it."""
    directory = cache() / "ports"
    directory.mkdir(parents=True, exist_ok=True)
    for port in random.SystemRandom().sample(range(20_000, 32_000), 1000):
        hold = (directory / str(port)).open("w")
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hold.close()
            continue
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                _held.append(hold)
                return port
        hold.close()
    raise ServerError("no free port between 20000 and 32000")


@contextmanager
def home_of(name: str, home: Path | None) -> Iterator[Path]:
    """Give a server its directory: the caller's, which stays, or a new one that goes when the server does."""
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        yield home
        return
    scratch = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def running(
    command: list[str],
    home: Path,
    ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    within_s: float = 60,
    gentle_s: float = 20,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; enter the block when it is ready, stop it gently at the end."""
    log = home / "log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=home, env={**os.environ, **(env or {})}, stdout=out, stderr=out)
        try:
            _await(process, ready, log, within_s)
            yield process
        finally:
            stop(process, gentle_s)


def _await(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, within_s: float) -> None:
    until = time.monotonic() + within_s
    while True:
        is_ready = ready()
        if process.poll() is not None:
            raise ServerError(f"{process.args!r} ended with {process.returncode} before it was ready\n{tail(log)}")
        if is_ready:
            return
        if time.monotonic() > until:
            raise ServerError(f"{process.args!r} was not ready within {within_s:.0f} s\n{tail(log)}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], within_s: float) -> None:
    """Ask a process to end, then make it; one that has ended already is fine."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> Callable[[], bool]:
    """Make a check that is true once `url` answers 200."""

    def check() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    return check


def tail(log: Path, lines: int = 30) -> str:
    """Give the end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
