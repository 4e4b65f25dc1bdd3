"""What is current while a piece of code runs: set on the way in, taken back on the way out, never with an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import context as otel

from tellmetry import scope
from tellmetry.emit.context import attach, get_current
from tellmetry.guard import guarded


def carried(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give `function` so that what is current here is current where it runs: an empty context, a pool's thread."""
    context, values = get_current(), [(variable, variable.get()) for variable in scope.ALL]

    def carrying(*args: Any, **kwargs: Any) -> Any:
        attached = attach(context)
        tokens = [(variable, variable.set(value)) for variable, value in values]
        try:
            return function(*args, **kwargs)
        finally:
            for variable, token in tokens:
                variable.reset(token)
            otel.detach(attached)

    return carrying


class Current:
    """An OpenTelemetry context and one variable of ours, current between `enter` and `leave`.

    A framework may leave in another context than it entered in (a generator closed by the collector, a task's
    teardown). There is nothing of ours to take back there, and OpenTelemetry would log an error for each.
    """

    __slots__ = ("_before", "_context", "_outer", "_value", "_variable")

    def __init__(self, context: Any, variable: ContextVar[Any] | None, value: Any) -> None:
        self._context = context
        self._variable = variable
        self._value = value
        self._before: Any = None
        self._outer: Any = None

    def again(self) -> Current:
        """Give the same, to be entered on another thread or once more."""
        return Current(self._context, self._variable, self._value)

    def is_current(self) -> bool:
        """Tell whether the code that runs now runs inside."""
        if self._variable is not None:
            return self._variable.get() is self._value
        return self._context is not None and get_current() is self._context

    @guarded("entering a call")
    def enter(self) -> None:
        """Become current; never raises."""
        if self._variable is not None:
            self._outer = self._variable.get()
            self._variable.set(self._value)
        if self._context is not None:
            self._before = get_current()
            attach(self._context)

    @guarded("leaving a call")
    def leave(self) -> None:
        """Make current again what was before; never raises. By setting: a token is refused in a copy of the context."""
        if self._before is not None and get_current() is self._context:
            attach(self._before)
        if self._variable is not None and self._variable.get() is self._value:
            self._variable.set(self._outer)


@contextmanager
def sent_with(carrier: Mapping[str, Any]) -> Iterator[None]:
    """Be where a message says that it was sent from: inside its sender's span, or where we are if it says nothing."""
    if "traceparent" not in carrier:
        yield
        return
    from opentelemetry.propagate import extract  # loads every propagator that is installed

    before = get_current()
    attach(extract(carrier))
    try:
        yield
    finally:
        attach(before)
