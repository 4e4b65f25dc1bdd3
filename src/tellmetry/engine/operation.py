"""`with`, `async with` and decorator from one class; inert and free while nothing is recorded."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from tellmetry import boot, forking
from tellmetry.guard import guarded
from tellmetry.record import Record

if TYPE_CHECKING:
    from tellmetry.engine.current import Current

F = TypeVar("F", bound=Callable[..., Any])


@functools.cache
def _engine() -> tuple[Any, Any, Any]:
    """Import what telling takes, once: OpenTelemetry, which a process that tells nothing never loads."""
    with forking.importing:
        from tellmetry import emit, scope
        from tellmetry.engine import current

        return emit, scope, current


class _Held:
    """One opening of an operation: its record, what it made current, and when."""

    __slots__ = ("current", "record", "started")

    def __init__(self, record: Any, current: Current, started: int) -> None:
        self.record = record
        self.current = current
        self.started = started


class Operation:
    """Something of the app's own that is told as a record: open it with `with`, `async with` or as a decorator.

    A subclass says which record it opens; it may look at what a decorated function returned.
    """

    scope: ClassVar[ContextVar[Any] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._how = (args, kwargs)
        self._open: list[_Held] = []  # more than one where tasks, threads or the code inside share this object

    @property
    def _record(self) -> Any:
        """The record that is open for the code that runs now; None where none is."""
        held = self._held()
        return None if held is None else held.record

    def _held(self) -> _Held | None:
        if len(self._open) > 1:
            for held in reversed(self._open):
                if held.current.is_current():
                    return held
        return self._open[-1] if self._open else None

    def _make(self, *args: Any, **kwargs: Any) -> Record:
        raise NotImplementedError

    def _returned(self, result: Any) -> None:
        """Look at what the decorated function returned."""

    # -- with ------------------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        if boot.active() is not None:
            self._begin()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._open:
            self._finish(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.__exit__(kind, error, trace)

    @guarded("opening an operation")
    def _begin(self) -> None:
        emit, scope, current = _engine()
        args, kwargs = self._how
        record = self._make(*args, **kwargs)
        record.started_ns = time.time_ns()
        started = time.perf_counter_ns()
        scope.stamp(record)
        held = _Held(record, current.Current(emit.begin(record), self.scope, record), started)
        held.current.enter()
        self._open.append(held)

    @guarded("ending an operation")
    def _finish(self, error: BaseException | None) -> None:
        emit, scope, _ = _engine()
        held = self._held()
        if held is None:
            return
        self._open.remove(held)
        record = held.record
        held.current.leave()
        record.ended_ns = record.started_ns + time.perf_counter_ns() - held.started
        if error is not None:
            record.error_type = type(error).__qualname__
        self._settle(record)
        scope.feed(record)
        emit.finish(record)

    def _settle(self, record: Any) -> None:
        """Write the last fields of a record that has ended."""

    def __call__(self, function: F) -> F:
        """Open this operation around every call of `function`."""
        return around(self._again, function, lambda mine, result: mine._look(result))

    def _again(self) -> Self:
        args, kwargs = self._how
        return type(self)(*args, **kwargs)

    @guarded("looking at a result")
    def _look(self, result: Any) -> None:
        if self._record is not None:
            self._returned(result)


def around(opening: Callable[[], Any], function: F, look: Callable[[Any, Any], None] | None = None) -> F:
    """Decorate a function: what `opening` gives is open around every call, and `look` sees what the call returned.

    Raises TypeError for a generator, whose code runs in between what its consumer does.
    """
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        name = getattr(function, "__qualname__", repr(function))
        raise TypeError(
            f"{type(opening()).__name__}() cannot decorate the generator {name}: "
            "open it with `with` around the code that consumes it."
        )

    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with opening() as mine:
            result = function(*args, **kwargs)
            if look is not None:
                look(mine, result)
            return result

    @functools.wraps(function)
    async def inside_async(*args: Any, **kwargs: Any) -> Any:
        with opening() as mine:
            result = await function(*args, **kwargs)
            if look is not None:
                look(mine, result)
            return result

    return cast("F", inside_async if inspect.iscoroutinefunction(function) else inside)


@guarded("telling a record")
def tell(record: Record, at_ns: int | None = None) -> None:
    """Tell a record that is a moment, now or at `at_ns`, and no span of time; nothing while nothing is recorded."""
    emit, scope, _ = _engine()
    record.started_ns = record.ended_ns = at_ns or time.time_ns()
    scope.stamp(record)
    emit.begin(record)
    emit.finish(record)
