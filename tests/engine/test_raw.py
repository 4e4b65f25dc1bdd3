"""Raw responses are read when the app has read them, and never before."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from recording import Recording
from toy import ToyError, opened

from tellmetry.engine import raw


class Bytes:
    def __init__(self, *parts: Any) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, BaseException):
                raise part
            yield part

    async def __aiter__(self) -> Any:
        for part in self:
            yield part

    def close(self) -> None: ...


class Response:
    def __init__(self, *parts: Any, **headers: str) -> None:
        self.stream: Any = Bytes(*parts)
        self.headers = headers


EVENTS = (b'data: "a', b'b"\n\ndata: {"output_tokens": 4}\n\n', b"data: [DONE]\n\n")


def followed(*parts: Any, stream: bool = True) -> Response:
    response = Response(*parts)
    raw.follow(opened(stream=stream), response)
    return response


def test_events(recorded: Recording) -> None:
    assert list(followed(*EVENTS).stream) == list(EVENTS)
    call = recorded.call
    assert (call.ending, call.output_tokens, call.chunks) == ("completed", 4, 1)
    assert call.first_chunk_s is not None


async def test_async_events(recorded: Recording) -> None:
    assert [part async for part in followed(*EVENTS).stream] == list(EVENTS)
    assert (recorded.call.ending, recorded.call.output_tokens) == ("completed", 4)


def test_an_answer_is_no_stream(recorded: Recording) -> None:
    list(followed(b'{"output_', b'tokens": 4}', stream=False).stream)
    assert (recorded.call.ending, recorded.call.output_tokens, recorded.call.first_chunk_s) == (None, 4, None)


@pytest.mark.parametrize("given", [b"", b"no JSON", b"[1]", b'{"cut": '])
@pytest.mark.parametrize("stream", [True, False])
def test_a_broken_answer_is_no_fault_of_ours(given: bytes, stream: bool, recorded: Recording) -> None:
    list(followed(given, b"data: {broken\n\n", stream=stream).stream)
    assert recorded.call.ending == ("completed" if stream else None)
    assert recorded.call.error_type is None


def test_failed(recorded: Recording) -> None:
    error = ToyError()
    with pytest.raises(ToyError) as raised:
        list(followed(b'data: {"output_tokens": 4}\n\n', error).stream)
    assert raised.value is error
    assert (recorded.call.ending, recorded.call.error_type, recorded.call.output_tokens) == ("failed", "ToyError", 4)


def test_closed_in_the_middle(recorded: Recording) -> None:
    response = followed(b'data: {"input_tokens": 4}\n\n', b"more")
    next(iter(response.stream))
    response.stream.close()
    assert (recorded.call.ending, recorded.call.input_tokens) == ("closed", 4)


def test_closed_behind_the_last_word(recorded: Recording) -> None:
    response = followed(b'data: {"finish_reasons": ["stop"]}\n\n', b"data: [DONE]\n\n")
    next(iter(response.stream))
    response.stream.close()
    assert recorded.call.ending == "completed"


def test_abandoned(recorded: Recording) -> None:
    response = followed(*EVENTS)
    next(iter(response.stream))
    del response
    gc.collect()
    assert recorded.call.ending == "abandoned"


def test_an_error_among_the_events(recorded: Recording) -> None:
    list(followed(b'data: {"error_type": "overloaded"}\n\n').stream)
    assert (recorded.call.ending, recorded.call.error_type) == ("failed", "overloaded")


def test_a_body_that_is_there_already(recorded: Recording) -> None:
    response = Response()
    response._content = response.content = json.dumps({"output_tokens": 4}).encode()  # type: ignore[attr-defined]
    stream = response.stream
    raw.follow(opened(), response)
    assert recorded.call.output_tokens == 4
    assert response.stream is stream


def test_handed_over_to_who_sees_the_chunks(recorded: Recording) -> None:
    response = followed(*EVENTS)
    ear = raw.ear(response)
    assert ear is not None
    call, _ = ear.hand_over()
    assert call is not None
    assert ear.hand_over() == (None, [])
    list(response.stream)
    response.stream.close()
    assert recorded.calls == []
    call.end("completed")
    assert recorded.call.ending == "completed"


def test_keeps_no_more_than_its_bound(recorded: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "MOST_BYTES", 30)
    list(followed(b'data: {"output_tokens": 4}\n\n', b"data: " + b"x" * 99).stream)
    assert recorded.call.output_tokens == 4
