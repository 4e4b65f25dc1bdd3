"""Acme's processes: the unchanged programs, with TELLMETRY in their environment and the clients' own variables set."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import IO, cast

from tellmetry.demo.day.queue import Job
from tellmetry.demo.provider import Provider

PLAIN = Path(__file__).with_name("plain.py")
_KEY = "sk-demo"
_MOST_BYTES = 2**34
# Nothing of the user's may change what is recorded, and no real key may reach even our own loopback.
_DROPPED = ("TELLMETRY", "OTEL_", "OPENAI_", "ANTHROPIC_")
_KEPT = ("OTEL_RESOURCE_ATTRIBUTES",)
_TAIL = 12


class ChildError(RuntimeError):
    """One of Acme's programs did not end well; the message shows its last words."""


def environment(provider: Provider, store: Path) -> dict[str, str]:
    """Give the environment in which Acme's programs run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not (name.startswith(_DROPPED) or name.lower().endswith("_proxy"))
    }
    clients = {
        "OPENAI_BASE_URL": provider.openai_url,
        "ANTHROPIC_BASE_URL": provider.url,
        "OPENAI_API_KEY": _KEY,
        "ANTHROPIC_API_KEY": _KEY,
    }
    ours = {"TELLMETRY": "local", "TELLMETRY_STORE": str(store), "TELLMETRY_STORE_BYTES": str(_MOST_BYTES)}
    return kept | clients | ours


class Script:
    """The plain script, running beside the worker."""

    def __init__(self, env: dict[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, str(PLAIN)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> list[str]:
        """Wait for its end; give what tellmetry said meanwhile."""
        _, errors = self._process.communicate()
        return _heard(PLAIN.name, self._process.returncode, errors)

    def stop(self) -> None:
        """End the process, whatever it does."""
        _stop(self._process)


class Worker:
    """Acme's worker: jobs go in, and one word a job comes out."""

    def __init__(self, env: dict[str, str], tell: Callable[[int], None]) -> None:
        self.results: Counter[str] = Counter()
        self._tell = tell
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by `finish`
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", f"{__package__}.app"],
            env=env | {"OTEL_SERVICE_NAME": "acme-worker"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._queue = cast("IO[str]", self._process.stdin)
        self._listener = Thread(target=self._listen, name="results", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self.results[line.strip()] += 1
            self._tell(self.results.total())

    def feed(self, jobs: Iterable[Job]) -> None:
        """Hand over jobs as they come; a worker that has died takes no more."""
        with contextlib.suppress(BrokenPipeError):
            for job in jobs:
                self._queue.write(f"{json.dumps(job)}\n")
                self._queue.flush()

    def finish(self) -> list[str]:
        """Close the queue and wait until every job is done; give what tellmetry said meanwhile."""
        with contextlib.suppress(BrokenPipeError):
            self._queue.close()
        self._listener.join()
        self._process.wait()
        with self._errors:
            self._errors.seek(0)
            return _heard("the worker", self._process.returncode, self._errors.read())

    def stop(self) -> None:
        """End the process, whatever it does."""
        _stop(self._process)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _heard(who: str, code: int, errors: str) -> list[str]:
    lines = errors.splitlines()
    if code:
        raise ChildError("\n".join([f"{who} ended with exit code {code}:", *lines[-_TAIL:]]))
    return [line for line in lines if line.startswith("tellmetry:")]
