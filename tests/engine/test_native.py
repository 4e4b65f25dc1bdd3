"""A client's own span: left to it where we tell nothing, silent where we do."""

from __future__ import annotations

from opentelemetry import trace
from recording import Recording
from toy import opened
from tracing import app_provider

from tellmetry.engine.native import silent, unless
from tellmetry.engine.traced import enter, leave


def start() -> str:
    return "the client's own span"


def test_left_to_the_client() -> None:
    assert silent(start, None, (), {}) == "the client's own span"


def test_silent_without_a_provider_of_the_app(recorded: Recording) -> None:
    call = opened()
    enter(call)
    assert silent(start, None, (), {}) is None
    leave(call)


def test_carries_our_span_where_the_app_has_a_provider() -> None:
    with app_provider():
        call = opened()
        enter(call)
        span = silent(start, None, (), {})
        assert not span.is_recording()
        assert span.get_span_context() == trace.get_current_span().get_span_context()
        leave(call)
        call.end()


def test_a_span_to_be_entered_is_replaced_by_one_that_keeps_nothing() -> None:
    quiet = unless(lambda asked: asked["method"] == "told")
    assert quiet(lambda **asked: "the client's own span", None, (), {"method": "another"}) == "the client's own span"
    with app_provider() as spans, spans.request() as outer, quiet(start, None, (), {"method": "told"}) as span:
        assert not span.is_recording()
        assert span.get_span_context() == outer.get_span_context()
