"""One call from open to end: what it asked, what came back, and that it ends once, however often it is told to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tellmetry import emit, names, scope
from tellmetry.engine import settling
from tellmetry.engine.current import Current
from tellmetry.guard import guarded
from tellmetry.record import Guardrail, ModelCall, Record, Retrieval, Run

R = TypeVar("R", bound=Record)


class Wire(Protocol):
    """How one wire format is read: pure functions from JSON-like bodies into a record.

    A format may have `texts(call, chunks)` too, which reads the first of many chunks at once, as long as they hold text
    and nothing else, and gives how many. Its chunks are then kept and read a few at a time.
    """

    @property
    def OPERATION(self) -> str: ...  # noqa: N802 - a module's constant

    def request(self, call: Any, body: Any) -> None: ...
    def reply(self, call: Any, reply: Any) -> None: ...
    def chunk(self, call: Any, chunk: Any) -> None: ...


Errors = Callable[[Any, BaseException], None]


_KEPT = 16  # most chunks of a stream that wait to be read


class Call:
    """One record on its way from `open` to `end`; ends once however often it is told to."""

    __slots__ = (
        "_started", "body", "current", "done", "most", "on_error", "pending", "record", "seen", "whole", "wire",
    )  # fmt: skip

    def __init__(
        self, record: Record, wire: Wire, body: Any, on_error: Errors | None = None, whole: Retrieval | None = None
    ) -> None:
        self.record = record
        self.wire = wire
        self.body = body
        self.on_error = on_error
        self.seen = 0
        self.pending: list[Any] = []  # chunks that have come and are still to be read
        self.most = 1  # how many of them may be: the first is read when it comes
        self.done = False
        record.started_ns = time.time_ns()
        self._started = time.perf_counter_ns()
        scope.stamp(record)
        if isinstance(record, ModelCall):
            scope.stamp_prompt(record)
            self._ask()
            scope.stamp_call(record)
        else:
            self._ask()
        self.whole = whole or scope.whole(record)
        variable = scope.RUN if isinstance(record, Run) else scope.OPEN
        self.current = Current(emit.begin(record) if self.whole is None else None, variable, record)

    @guarded("reading a request")
    def _ask(self) -> None:
        self.wire.request(self.record, self.body)

    # -- what came back --------------------------------------------------------------------------------------------
    @guarded("reading a reply")
    def read(self, reply: Any) -> None:
        """Read a whole reply."""
        self.wire.reply(self.record, reply)
        settling.doubt(self.record, self.wire)

    @guarded("reading a chunk")
    def saw(self, chunk: Any) -> None:
        """See one streamed chunk; streams do the same in line, for the sake of speed."""
        self.pending.append(chunk)
        if len(self.pending) >= self.most:
            self.catch_up()

    @guarded("reading a chunk")
    def catch_up(self) -> None:
        """Read the chunks that wait."""
        waiting = self.pending.copy()
        self.pending.clear()
        if not self.seen:
            self.first()
            self.most = _KEPT if hasattr(self.wire, "texts") else 1
        self.seen += len(waiting)
        read = self.wire.texts(self.record, waiting) if self.most > 1 else 0  # type: ignore[attr-defined]
        for chunk in waiting[read:]:
            self._read_chunk(chunk)

    @guarded("reading a chunk")
    def _read_chunk(self, chunk: Any) -> None:
        self.wire.chunk(self.record, chunk)

    @guarded("reading a chunk")
    def saw_late(self, chunk: Any) -> None:
        """Read one chunk of a stream that the app has read by itself."""
        self.seen += 1
        self.wire.chunk(self.record, chunk)

    def first(self) -> None:
        """Note that the first piece of a streamed answer has come."""
        if isinstance(self.record, ModelCall):
            self.record.first_chunk_s = (time.perf_counter_ns() - self._started) / 1e9

    @guarded("ending a call")
    def end(self, ending: names.Ending | None = None) -> None:
        """End a call that gave its answer, or whose stream ended as `ending` says."""
        if self.done:
            return
        self.done = True
        if self.pending:
            self.catch_up()
        record = self.record
        record.ended_ns = record.started_ns + time.perf_counter_ns() - self._started
        if isinstance(record, ModelCall):
            self._settle(record, ending)
        self.body = None
        if self.whole is not None:
            if not self.whole.ended_ns:
                vars(self.whole).setdefault("parts", []).append(record)
                return
            emit.begin(record)  # it has outlived what it was part of, and is told by itself
        scope.feed(record)
        emit.finish(record)

    @guarded("ending a call")
    def fail(self, error: BaseException) -> None:
        """End a call that raised: `error` goes on to the app as it is."""
        if self.done:
            return
        if self.pending:
            self.catch_up()
        cancelled = isinstance(error, (asyncio.CancelledError, GeneratorExit))
        self.record.error_type = "cancelled" if cancelled else type(error).__qualname__
        if isinstance(self.record, Guardrail) and not cancelled:
            self.record.found("error", self.record.error_type)
        if self.on_error is not None:
            self.on_error(self.record, error)
        streaming = isinstance(self.record, ModelCall) and (self.seen or self.record.stream)
        self.end(("cancelled" if cancelled else "failed") if streaming else None)

    def _settle(self, record: ModelCall, ending: names.Ending | None) -> None:
        if ending is not None:
            record.ending = "failed" if ending == "completed" and record.error_type is not None else ending
            record.chunks = self.seen
            if self.seen and record.output_tokens is None:
                settling.estimate(record, self.wire, self.body)
            if self.seen and record.ending == "completed":
                settling.doubt(record, self.wire)
        for check in record.checks:
            scope.worsen(record, check.outcome, check.reason)
            settling.tell(record, check)
        if record.trail is not None and record.error_type is None:
            record.trail.clear()


def is_part_of_open(operation: str) -> bool:
    """Tell whether the layer above has this very call open: the same logical call, told once, by the outer layer.

    Not so of retrievals: the inner one knows more, and is told as part of the outer one (`Call.whole`).
    """
    outer = scope.OPEN.get()
    return outer is not None and outer.operation == operation and not isinstance(outer, Retrieval)


def open_call() -> ModelCall | None:
    """Give the model call whose provider code runs now."""
    record = scope.OPEN.get()
    return record if isinstance(record, ModelCall) else None


def open_of(kind: type[R]) -> R | None:
    """Give the record whose code runs now, if it is of this kind."""
    record = scope.OPEN.get()
    return record if isinstance(record, kind) else None
