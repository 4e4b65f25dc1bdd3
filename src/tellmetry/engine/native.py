"""Clients that make spans of their own: silent about a call that we tell, so that a call is one span."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from opentelemetry import trace

from tellmetry import scope
from tellmetry.emit.spans import Own
from tellmetry.engine.call import open_call, open_of
from tellmetry.guard import guarded
from tellmetry.record import Guardrail, Retrieval


def silent(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Wrap a client's function that starts a span and may answer None: what we do not tell is left to the client."""
    return wrapped(*args, **kwargs) if _is_theirs() else _stand_in()


def unwritten(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Wrap a client's function that gives the span to write on, or None: nobody writes on the span of our check."""
    return None if _is_checked() else wrapped(*args, **kwargs)


def switch(name: str) -> property:
    """Make a switch of a client's settings that is on while a check of ours is open, and else as the app has set it."""

    def is_on(instance: Any) -> Any:
        return _is_checked() or vars(instance).get(name)

    def turn(instance: Any, value: Any) -> None:
        vars(instance)[name] = value

    return property(is_on, turn)


@guarded("silencing a native span")
def _is_checked() -> bool:
    return open_of(Guardrail) is not None


def disabled(client: str) -> Callable[..., Any]:
    """Give a wrapper for a method of a client's own tracing: for what we tell, it does as where it is not `enabled`."""

    @guarded("silencing a native span")
    def switched_off(tracing: Any) -> Any:
        told = scope.OPEN.get()
        if not isinstance(told, Retrieval) or told.client != client:
            return None
        off = copy.copy(tracing)
        off.enabled = False
        return off

    def quiet(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        off = switched_off(instance)
        return wrapped(*args, **kwargs) if off is None else wrapped.__func__(off, *args, **kwargs)

    return quiet


@guarded("silencing a native span")
def _is_theirs() -> bool:
    return open_call() is None


@guarded("silencing a native span")
def _stand_in() -> Any:
    """Give a span that only carries our span's identity, for a client that sends it along; None where it would not.

    Bare, a client has something to send along only where the app has a provider of its own.
    """
    call = open_call()
    span = None if call is None else call.span
    return None if span is None or isinstance(span, Own) else trace.NonRecordingSpan(span.get_span_context())


def unless(is_told: Callable[[Any], bool]) -> Callable[..., Any]:
    """Make the wrapper for a function that gives a span to be entered: its keyword arguments say whether we tell it."""
    decide = guarded("silencing a native span")(is_told)

    def quiet(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
        # What the client notes on its span may be content, so it gets one that keeps nothing.
        return nullcontext(_carrier()) if decide(kwargs) else wrapped(*args, **kwargs)

    return quiet


def _carrier() -> trace.Span:
    return trace.NonRecordingSpan(trace.get_current_span().get_span_context())
