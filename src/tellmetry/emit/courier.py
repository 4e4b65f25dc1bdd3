"""The one background thread: prices finished records, sends them as spans, and stores on disk what cannot be sent."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from tellmetry import forking
from tellmetry.emit import losses, spans
from tellmetry.emit.outlet import Outlet, quieten
from tellmetry.emit.pace import gently
from tellmetry.guard import guarded, lose
from tellmetry.settings import Settings

BATCH = 512

_finished = guarded("telling a record")(spans.finished)


class Courier:
    """The queue of finished records and the thread that empties it, for one process."""

    def __init__(self, settings: Settings, complete: Callable[[Any], Any], *, leaving: bool) -> None:
        self._settings = settings
        self._complete = complete
        self._leaving = leaving
        self._queue: deque[Any] = deque()
        self._batch: list[spans.Finished] = []  # what the thread sends now; whoever empties it answers for it
        self._handing = threading.RLock()
        self._wake: SimpleQueue[None] = SimpleQueue()  # not an Event: `put` may run inside of itself, from a collection
        self._emptied = threading.Condition()
        self._outlet = Outlet(settings)
        self._thread = threading.Thread(target=self._run, name="tellmetry", daemon=True)

        if not leaving:
            self._thread.start()

    def put(self, record: Any) -> None:
        """Queue a finished record; written to disk at once when the process is leaving."""
        if len(self._queue) >= self._settings.queue:
            lose("queueing a span")
            return
        self._queue.append(record)
        if self._leaving:
            self._store_rest()
        elif len(self._queue) % BATCH == 0:
            self._wake.put(None)

    def _run(self) -> None:
        quieten()
        self._prepare()
        left = False
        while not left:
            with contextlib.suppress(Empty):
                self._wake.get(timeout=self._settings.flush_s)
            left = self._leaving  # before draining: a job that is over before we are prepared is sent all the same
            self._drain()

    @guarded("preparing to send")
    def _prepare(self) -> None:
        with forking.importing:
            self._outlet.prepare()

    @guarded("sending spans")
    def _drain(self) -> None:
        while not (self._leaving and self._outlet.is_down()) and self._take():
            self._send_batch()
        if not self._leaving:
            self._tell_losses()
            self._outlet.ship()
        with self._emptied:
            self._emptied.notify_all()

    def _take(self) -> bool:
        """Move records from the queue to the batch, as spans."""
        with self._handing:
            self._batch = self._told(BATCH)
            return bool(self._batch)

    def _told(self, most: int) -> list[spans.Finished]:
        told: list[spans.Finished] = []
        for record in gently(self._taken()):
            self._complete(record)
            one = _finished(record)
            if one is not None:
                told.append(one)
            if len(told) >= most:
                break
        return told

    def _taken(self) -> Iterator[Any]:
        while self._queue:
            yield self._queue.popleft()

    def _send_batch(self) -> None:
        sent = self._outlet.send(self._batch)
        with self._handing:
            batch, self._batch = self._batch, []
            if batch and not sent:
                self._outlet.store(batch, losing=len(batch))

    def _tell_losses(self) -> None:
        """Send or store what was lost; where that is lost too, it is told another time."""
        lost = losses.claim()
        told = losses.spans(lost)
        if told and not self._outlet.send(told) and not self._outlet.store(told, losing=0):
            losses.give_back(lost)

    def flush(self, timeout_s: float) -> bool:
        """Wake the thread and wait until nothing is left to send."""
        self._wake.put(None)
        with self._emptied:
            return self._emptied.wait_for(lambda: not self._queue and not self._batch, timeout_s)

    @guarded("leaving")
    def leave(self) -> None:
        """Send or store what is left, within the time that leaving may take."""
        self._leaving = True
        self._wake.put(None)
        for _ in ("as it goes", "broken off"):
            if self._thread.is_alive():
                self._thread.join(self._settings.exit_s / 2)
                self._outlet.interrupt()
        self._store_rest()

    def _store_rest(self) -> None:
        with self._handing:
            rest, self._batch = [*self._batch, *self._told(len(self._queue))], []
            lost = losses.claim()
            rest += losses.spans(lost)
            if rest:
                self._outlet.store(rest, losing=len(rest) - len(lost))
