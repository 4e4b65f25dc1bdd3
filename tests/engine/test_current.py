"""What is current is taken back, in whatever context the way out is, and nothing is ever logged."""

from __future__ import annotations

import contextvars
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry import context as otel
from opentelemetry import trace

from tellmetry import scope
from tellmetry.engine.current import Current, carried, sent_with

VARIABLE: contextvars.ContextVar[object] = contextvars.ContextVar("mine", default=None)


def both(value: object = "value") -> Current:
    return Current(otel.set_value("key", value), VARIABLE, value)


def seen() -> tuple[object, object]:
    return otel.get_value("key"), VARIABLE.get()


def test_in_and_out() -> None:
    current = both()
    assert not current.is_current()
    current.enter()
    assert seen() == ("value", "value")
    assert current.is_current()
    current.leave()
    assert seen() == (None, None)
    assert not current.is_current()


def test_again() -> None:
    current = both()
    for _ in range(2):
        current.enter()
        current.leave()
    assert seen() == (None, None)


def test_nested() -> None:
    outer, inner = both("outer"), both("inner")
    outer.enter()
    inner.enter()
    assert (inner.is_current(), outer.is_current()) == (True, False)
    inner.leave()
    assert seen() == ("outer", "outer")
    outer.leave()
    assert seen() == (None, None)


def test_out_of_turn() -> None:
    """What was opened inside and is still open stays current."""

    def crossed() -> None:
        outer, inner = both("outer"), both("inner")
        outer.enter()
        inner.enter()
        outer.leave()
        assert seen() == ("inner", "inner")

    contextvars.copy_context().run(crossed)


def test_left_in_another_context(caplog: pytest.LogCaptureFixture) -> None:
    current = both()
    contextvars.copy_context().run(current.enter)
    with caplog.at_level(logging.DEBUG):
        current.leave()
    assert seen() == (None, None)
    assert caplog.records == []


def test_left_in_a_copy_of_its_context(caplog: pytest.LogCaptureFixture) -> None:
    current = both()
    current.enter()
    copied = contextvars.copy_context()
    with caplog.at_level(logging.DEBUG):
        copied.run(current.leave)
        assert copied.run(seen) == (None, None)
        assert caplog.records == []
    assert seen() == ("value", "value")
    VARIABLE.set(None)
    otel.attach(otel.Context())


def test_carried_into_an_empty_context_and_a_thread() -> None:
    """What is current here is current there, and nothing of it is left behind."""
    with ThreadPoolExecutor(1) as pool:
        token = scope.PROFILE.set("cheap")
        carrying = carried(scope.PROFILE.get)
        scope.PROFILE.reset(token)
        assert contextvars.Context().run(carrying) == "cheap"
        assert pool.submit(carrying).result() == "cheap"
        assert pool.submit(scope.PROFILE.get).result() is None


def test_sent_with_is_where_the_sender_was() -> None:
    with sent_with({}):
        assert not trace.get_current_span().get_span_context().is_valid
    with sent_with({"traceparent": f"00-{5:032x}-{6:016x}-01"}):
        there = trace.get_current_span().get_span_context()
    assert (there.trace_id, there.span_id, there.is_remote) == (5, 6, True)
    assert not trace.get_current_span().get_span_context().is_valid
