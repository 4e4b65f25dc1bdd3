"""A call is told once, with what came back, and its errors pass through as they are."""

from __future__ import annotations

import asyncio
import gc

import pytest
from opentelemetry import context as otel
from opentelemetry import trace
from recording import Recording
from toy import WIRE, Toy, ToyError, opened

from tellmetry import guard, scope
from tellmetry.engine import patch
from tellmetry.engine.call import is_part_of_open, open_call, open_of
from tellmetry.engine.part import Part
from tellmetry.engine.traced import Around, settle, traced
from tellmetry.record import Guardrail, ModelCall, Retrieval


@pytest.fixture
def toy(recorded: Recording, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A toy whose both methods are traced."""
    for name in ("ask", "ask_async"):
        monkeypatch.setattr(Toy, name, vars(Toy)[name])  # put back whatever the test does
        patch.wrap(Toy, name, traced(lambda instance, args, kwargs: opened(prompt="How are you?")))
    return Toy()


def test_a_plain_call(toy: Toy, recorded: Recording) -> None:
    answer = {"input_tokens": 3, "output_tokens": 5}
    assert toy.ask(answer) is answer
    call = recorded.call
    assert (call.model, call.input_tokens, call.output_tokens, call.ending) == ("toy-1", 3, 5, None)
    assert call.ended_ns > call.started_ns > 0


async def test_an_async_call(toy: Toy, recorded: Recording) -> None:
    answer = {"input_tokens": 3}
    assert await toy.ask_async(answer) is answer
    assert recorded.call.input_tokens == 3


def test_an_error_passes_as_it_is(toy: Toy, recorded: Recording) -> None:
    error = ToyError("no")
    with pytest.raises(ToyError) as raised:
        toy.ask(error)
    assert raised.value is error
    assert recorded.call.error_type == "ToyError"


async def test_cancelled(toy: Toy, recorded: Recording) -> None:
    task = asyncio.create_task(toy.ask_async(asyncio.CancelledError()))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert recorded.call.error_type == "cancelled"


def test_a_coroutine_that_is_never_awaited_tells_nothing(toy: Toy, recorded: Recording) -> None:
    with pytest.warns(RuntimeWarning, match="never awaited"):
        toy.ask_async({})
        gc.collect()
    assert recorded.calls == []


def test_current_only_while_the_client_works(recorded: Recording) -> None:
    def look() -> dict[str, object]:
        return {"open": open_call(), "valid": trace.get_current_span().get_span_context().is_valid}

    seen: list[object] = []
    asked = traced(lambda instance, args, kwargs: opened(), lambda call, result: (seen.append(look()), settle(call, result))[1])
    before = otel.get_current()
    assert asked(look, None, (), {}) == {"open": recorded.call, "valid": True}
    assert seen == [{"open": None, "valid": False}]
    assert otel.get_current() == before


def test_what_is_not_ours_passes(recorded: Recording) -> None:
    asked = traced(lambda instance, args, kwargs: None)
    assert asked(lambda x: x + 1, None, (1,), {}) == 2
    assert recorded.calls == []


def test_following_that_fails_gives_the_result_and_ends_the_call(recorded: Recording) -> None:
    def follow(call: object, result: object) -> object:
        raise ZeroDivisionError

    guard.strict = False
    asked = traced(lambda instance, args, kwargs: opened(), follow)
    assert asked(lambda: "answer", None, (), {}) == "answer"
    assert recorded.call.error_type is None
    assert guard.lost["following a result"] == 1


def test_opening_that_fails_lets_the_call_through(recorded: Recording) -> None:
    guard.strict = False
    asked = traced(lambda instance, args, kwargs: args[7])
    assert asked(lambda: "answer", None, (), {}) == "answer"
    assert guard.lost["opening a call"] == 1


def test_ends_once(recorded: Recording) -> None:
    call = opened(stream=True)
    call.end("closed")
    call.end("abandoned")
    call.fail(ToyError())
    assert recorded.call.ending == "closed"
    assert recorded.call.error_type is None


def test_a_stream_without_usage_is_estimated(recorded: Recording) -> None:
    call = opened(stream=True, prompt="x" * 9)
    call.saw("12345")
    call.end("completed")
    told = recorded.call
    assert (told.estimated, told.input_tokens, told.output_tokens, told.chunks) == (True, 3, 2, 1)
    assert told.first_chunk_s is not None


def test_a_stream_that_brought_nothing_is_not_estimated(recorded: Recording) -> None:
    opened(stream=True).end("abandoned")
    assert (recorded.call.estimated, recorded.call.output_tokens, recorded.call.chunks) == (None, None, 0)


def test_a_check_of_the_provider_is_told_beside_the_call(recorded: Recording) -> None:
    call = opened()
    call.record.checked("moderation", "pass", None, "input")  # type: ignore[attr-defined]
    call.record.checked("content_filter", "block", "violence")  # type: ignore[attr-defined]
    settle(call, {})
    assert (recorded.call.guardrail_outcome, recorded.call.guardrail_reason) == ("block", "violence")
    assert [(one.guardrail, one.outcome, one.target) for one in recorded.guardrails] == [
        ("moderation", "pass", "input"),
        ("content_filter", "block", "output"),
    ]


def test_what_was_retrieved_feeds_the_next_good_call(recorded: Recording) -> None:
    found, check = Retrieval(), Guardrail()
    found.count = 4
    check.outcome, check.reason = "flag", "pii"
    scope.feed(found)
    scope.feed(check)
    opened().fail(ToyError())
    settle(opened(), {})
    settle(opened(), {})
    told = [(call.retrieval_count, call.guardrail_outcome) for call in recorded.calls]
    assert told == [(4, "flag"), (4, "flag"), (None, None)]


def test_part_of_what_is_open() -> None:
    outer = ModelCall()
    outer.operation = WIRE.OPERATION
    assert not is_part_of_open("chat")
    token = scope.OPEN.set(outer)
    try:
        assert is_part_of_open("chat")
        assert not is_part_of_open("embeddings")
        assert open_call() is outer
    finally:
        scope.OPEN.reset(token)
    assert open_call() is None


def test_a_part_is_read_into_the_outer_record_and_ends_nothing(recorded: Recording) -> None:
    outer = opened()
    part = Part(outer.record, WIRE)
    part.read({"response_id": "one"})
    part.end()
    part.fail(ValueError())
    assert (outer.record.response_id, outer.record.error_type, list(recorded)) == ("one", None, [])
    outer.end()


def test_around_a_block(recorded: Recording) -> None:
    with Around(opened):
        assert open_of(ModelCall) is not None
    with pytest.raises(ToyError), Around(opened):
        raise ToyError
    assert [one.error_type for one in recorded] == [None, "ToyError"]
    assert open_of(ModelCall) is None
