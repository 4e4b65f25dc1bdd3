"""A client's own span: left to it where we tell nothing, silent where we do."""

from __future__ import annotations

import pytest
from opentelemetry import trace
from recording import Recording
from toy import opened
from tracing import app_provider

from tellmetry import names, scope
from tellmetry.engine import patch
from tellmetry.engine.call import Call
from tellmetry.engine.native import disabled, silent, switch, unless, unwritten
from tellmetry.record import Guardrail, Retrieval
from tellmetry.wire import presidio


def start() -> str:
    return "the client's own span"


def test_left_to_the_client() -> None:
    assert silent(start, None, (), {}) == "the client's own span"


def test_silent_without_a_provider_of_the_app(recorded: Recording) -> None:
    call = opened()
    call.current.enter()
    assert silent(start, None, (), {}) is None
    call.current.leave()


def test_carries_our_span_where_the_app_has_a_provider() -> None:
    with app_provider():
        call = opened()
        call.current.enter()
        span = silent(start, None, (), {})
        assert not span.is_recording()
        assert span.get_span_context() == trace.get_current_span().get_span_context()
        call.current.leave()
        call.end()


class Settings:
    """A client's settings: each object has its own."""

    def __init__(self) -> None:
        self.silent = None


def test_a_switch_is_on_while_a_check_is_open(recorded: Recording) -> None:
    settings = Settings()
    assert patch.wrap(Settings, "silent", switch("silent"))
    try:
        record = Guardrail()
        check = Call(record, presidio, {})
        assert settings.silent is None
        check.current.enter()
        assert settings.silent is True
        assert unwritten(start, None, (), {}) is None
        check.current.leave()
        assert unwritten(start, None, (), {}) == "the client's own span"
        settings.silent = "as the app wants it"
        assert settings.silent == "as the app wants it"
        check.end()
    finally:
        patch.disarm()
    assert vars(Settings).get("silent") is None
    assert settings.silent == "as the app wants it"
    assert record.operation == names.OP_GUARDRAIL


class Tracing:
    """A client's own."""

    enabled = True

    def span(self) -> bool:
        return self.enabled


@pytest.mark.parametrize(("client", "theirs"), [("acme", False), ("other", True), (None, True)])
def test_disabled_for_what_we_tell_alone(client: str | None, theirs: bool) -> None:
    """Inside a retrieval of the app's own, or another client's, what the client does is its own to tell."""
    told, tracing, span = Retrieval(), Tracing(), disabled("acme")
    told.client = client
    assert span(tracing.span, tracing, (), {})
    before = scope.OPEN.set(told)
    assert span(tracing.span, tracing, (), {}) is theirs
    scope.OPEN.reset(before)
    assert tracing.enabled


def test_a_span_to_be_entered_is_replaced_by_one_that_keeps_nothing() -> None:
    quiet = unless(lambda asked: asked["method"] == "told")
    assert quiet(lambda **asked: "the client's own span", None, (), {"method": "another"}) == "the client's own span"
    with app_provider() as spans, spans.request() as outer, quiet(start, None, (), {"method": "told"}) as span:
        assert not span.is_recording()
        assert span.get_span_context() == outer.get_span_context()
