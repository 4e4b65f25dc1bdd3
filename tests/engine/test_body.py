"""A byte stream that tells of its closing passes for the stream that it stands for."""

from __future__ import annotations

import weakref
from collections.abc import Iterator

from toy import Bytes, Response

from tellmetry.engine import body


class Stream:
    """What is told of a close, and holds the response as a client's stream does."""

    def __init__(self) -> None:
        self.response = Response()
        self.told: list[str] = []
        body.on_close(self.response, self.closed)

    def closed(self) -> None:
        self.told.append("closed")




def test_passes_for_its_kind() -> None:
    response = Stream().response
    assert isinstance(response.stream, Bytes)
    assert response.stream.elapsed == 7
    assert not hasattr(response.stream, "nothing_like_that")


async def test_gives_its_bytes() -> None:
    response = Stream().response
    assert list(response.stream) == [b"a"]
    assert [part async for part in response.stream] == [b"b"]


async def test_tells_of_a_close() -> None:
    stream = Stream()
    stream.response.close()
    await stream.response.aclose()
    assert stream.told == ["closed", "closed"]
    assert stream.response.stream.gone


def test_a_dropped_generator_of_the_response_is_no_close() -> None:
    stream = Stream()
    reading = stream.response.read()
    next(reading)
    del reading
    assert stream.told == []
    assert stream.response.stream.gone


def test_a_generator_of_the_app_may_close() -> None:
    def app(response: Response) -> Iterator[int]:
        yield 1
        response.close()

    stream = Stream()
    list(app(stream.response))
    assert stream.told == ["closed"]


def test_a_stream_that_is_gone_keeps_nothing_and_hears_nothing() -> None:
    stream = Stream()
    response, told, gone = stream.response, stream.told, weakref.ref(stream)
    del stream
    assert gone() is None, "it was kept by its own response"
    response.close()
    assert told == [] and response.stream.gone
