"""Where finished spans go: the OTLP endpoint while it answers, the store on disk otherwise."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from tellmetry.emit import otlp
from tellmetry.emit.spans import Finished
from tellmetry.emit.spool import Spool
from tellmetry.emit.trouble import Trouble
from tellmetry.guard import guarded, lose
from tellmetry.settings import Settings, complain

PAUSE_S = 5.0  # how long an endpoint that failed is left alone, and how often the store is looked through


class Outlet:
    """Sends batches; knows whether the endpoint was there the last time."""

    def __init__(self, settings: Settings) -> None:
        self._remote = settings.mode == "on"
        self._sender: otlp.Sender | None = None
        self._down_until = 0.0
        self._next_ship = 0.0
        self._backlog = True  # what earlier processes left; known to be none after the first look
        self._said = False
        self.spool = Spool(settings)

    def prepare(self) -> None:
        """Import what sending needs, before a fork or the process's end could interfere."""
        with contextlib.suppress(Trouble):  # said when there is something to send
            if self._remote:
                self._sender = otlp.sender()

    def send(self, told: list[Finished]) -> bool:
        """Send spans; False where they have to be stored."""
        return not self.is_down() and bool(self._export(told, self.spool.resource))

    def store(self, told: list[Finished], losing: int) -> bool:
        """Write spans to disk; False where the disk does not take them, which loses `losing` spans."""
        try:
            self.spool.write(told)
        except OSError as error:
            lose("writing to the store", count=losing, because=f"{self.spool.directory}: {error.strerror}")
            return False
        self._backlog = True
        return True

    def ship(self) -> None:
        """Send what lies in the store, once the endpoint answers."""
        now = time.monotonic()
        if self._backlog and now >= self._next_ship and not self.is_down():
            self._next_ship = now + PAUSE_S
            self._backlog = not self._ship()

    def _ship(self) -> bool:
        try:
            return self.spool.ship(self._export)
        except OSError as error:
            complain(f"the store {self.spool.directory} cannot be sent ({error.strerror}); it stays as it is.")
            return True

    def is_down(self) -> bool:
        """Whether spans go to disk now."""
        return not self._remote or time.monotonic() < self._down_until

    def interrupt(self) -> None:
        """Break off a transfer that is under way, so that the process can leave."""
        if self._sender is not None:
            self._sender.interrupt()

    @guarded("sending spans")
    def _export(self, told: list[Finished], resource: Mapping[str, Any]) -> bool:
        try:
            if self._sender is None:
                self._sender = otlp.sender()
            otlp.deliver(self._sender, told, resource)
        except Trouble as trouble:
            self._turn_away(trouble)
            return False
        return True

    def _turn_away(self, trouble: Trouble) -> None:
        """Leave the endpoint alone for a while, or for good where the variables make no sense; say so once."""
        where = self._sender.url if self._sender is not None else None
        self._sender = None
        self._down_until = time.monotonic() + PAUSE_S
        self._remote = trouble.what != "address"
        if not self._said:
            self._said = True
            what = f"the OTLP endpoint {where} takes no spans, {trouble}" if where else str(trouble)
            complain(f"{what}. Spans are kept in {self.spool.directory}; `tellmetry doctor` says what to do.")


@guarded("preparing to send")
def quieten() -> None:
    """Keep our own thread's transfers out of the app's traces."""
    from opentelemetry import context as otel

    otel.attach(otel.set_value(otel._SUPPRESS_INSTRUMENTATION_KEY, True))
