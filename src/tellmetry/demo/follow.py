"""Passes on to the OTLP endpoint what the demo's app stores, while it is stored, and leaves it for our account."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tellmetry.emit import otlp, otlp_json, spool
from tellmetry.emit.trouble import Trouble

_EVERY_S = 0.5


class Follower:
    """Follows the files of a store from a thread; `with` starts it and waits for the last line."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[Path, int] = {path: path.stat().st_size for path in spool.files(directory)}
        self._sender = otlp.sender()
        self._left = Event()
        self._thread = Thread(target=self._follow, name="follower", daemon=True)
        self.sent = 0
        self.trouble: Trouble | None = None
        """Why the endpoint did not take what came last; None when it has everything."""

    @property
    def url(self) -> str:
        """Where the endpoint is."""
        return self._sender.url

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._left.wait(_EVERY_S):
            self._look()
        self._look()

    def _look(self) -> None:
        try:
            for path in spool.files(self._directory):
                self._pass_on(path)
            self.trouble = None
        except Trouble as trouble:
            self.trouble = trouble  # the next look begins where this one ended

    def _pass_on(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    return  # still being written
                for resource, told in otlp_json.load(line.decode()):
                    otlp.deliver(self._sender, told, resource)
                    self.sent += len(told)
                self._read[path] = self._read.get(path, 0) + len(line)
