"""Chunks that are read many at a time tell what they tell one by one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tellmetry.record import ModelCall
from tellmetry.wire import chat_completions


def chunk(content: str | None = "four", finish: str | None = None, counted: int | None = None, **delta: Any) -> Any:
    """Make a chunk as a client's class holds it; a count stands for what was counted until then."""
    usage = counted and SimpleNamespace(prompt_tokens=7, completion_tokens=counted)
    choice = SimpleNamespace(delta=SimpleNamespace(content=content, **delta), finish_reason=finish, index=0)
    return SimpleNamespace(id="1", model="m", choices=[choice], usage=usage)


def counts(counted: int) -> Any:
    """Make the chunk that has no text."""
    return SimpleNamespace(id="1", model="m", choices=[], usage=SimpleNamespace(prompt_tokens=7, completion_tokens=counted))


TOOL = [SimpleNamespace(function=SimpleNamespace(name="look_up", arguments="{}"))]
STREAMS = {
    "counted behind the text": [*map(chunk, ["one", "two", "three"]), chunk(None, "stop"), counts(3)],
    "counted in every chunk": [chunk(str(number), counted=number) for number in range(1, 9)],
    "counted where it stops": [chunk(), chunk(), chunk("last", "length", counted=9), chunk()],
    "stops with its last text": [chunk(), chunk(), chunk("last", "length")],
    "a reason in every chunk": [chunk("one", "stop"), chunk("two", "stop"), chunk("three", "stop")],
    "a tool after some text": [chunk(), chunk(), chunk(None, tool_calls=TOOL), chunk(None, "tool_calls")],
    "no reason, said in every chunk": [chunk("one", ""), chunk("two", ""), chunk("three", "")],
    "refused": [chunk(), chunk(None, refusal="no"), chunk()],
    "never counted": [chunk(), chunk(), chunk("five5")],
}


@pytest.mark.parametrize("at_once", [1, 2, 3, 16])
@pytest.mark.parametrize("stream", STREAMS)
def test_many_at_a_time_as_one_by_one(stream: str, at_once: int) -> None:
    one_by_one, many = ModelCall(), ModelCall()
    first, *rest = STREAMS[stream]
    for call in (one_by_one, many):
        chat_completions.chunk(call, first)
    for one in rest:
        chat_completions.chunk(one_by_one, one)
    for at in range(0, len(rest), at_once):
        waiting = rest[at : at + at_once]
        for one in waiting[chat_completions.texts(many, waiting) :]:
            chat_completions.chunk(many, one)
    assert vars(many) == vars(one_by_one)


def test_an_empty_reason_is_none() -> None:
    call = ModelCall()
    for one in STREAMS["no reason, said in every chunk"]:
        chat_completions.chunk(call, one)
    assert call.finish_reasons is None


def test_reads_as_far_as_there_is_text() -> None:
    call = ModelCall()
    chat_completions.chunk(call, chunk())
    assert chat_completions.texts(call, [chunk(), chunk(), chunk(None, "stop"), counts(3)]) == 2
    assert chat_completions.texts(call, [chunk(), chunk(counted=2)]) == 1
    assert chat_completions.texts(call, [{"choices": []}]) == 0
    assert call.output_chars == 4 * 4
