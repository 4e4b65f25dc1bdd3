"""A byte stream that tells of its closing passes for the stream that it stands for."""

from __future__ import annotations

from collections.abc import Iterator

from toy import Bytes, Response

from tellmetry.engine import body


def heard() -> tuple[Response, list[str]]:
    response, told = Response(), []
    body.on_close(response, lambda: told.append("closed"))
    return response, told


def test_passes_for_its_kind() -> None:
    response, _ = heard()
    assert isinstance(response.stream, Bytes)
    assert response.stream.elapsed == 7
    assert not hasattr(response.stream, "nothing_like_that")


async def test_gives_its_bytes() -> None:
    response, _ = heard()
    assert list(response.stream) == [b"a"]
    assert [part async for part in response.stream] == [b"b"]


async def test_tells_of_a_close() -> None:
    response, told = heard()
    response.close()
    await response.aclose()
    assert told == ["closed", "closed"]
    assert response.stream.gone


def test_a_dropped_generator_of_the_response_is_no_close() -> None:
    response, told = heard()
    reading = response.read()
    next(reading)
    del reading
    assert told == []
    assert response.stream.gone


def test_a_generator_of_the_app_may_close() -> None:
    def app(response: Response) -> Iterator[int]:
        yield 1
        response.close()

    response, told = heard()
    list(app(response))
    assert told == ["closed"]
