"""A toy client: plain, async and streaming functions of one object, and a wire format that it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

from tellmetry.engine.call import Call
from tellmetry.record import ModelCall


class _Wire(ModuleType):
    """Reads `{"model": ...}`, and answers and chunks that are dicts of fields."""

    OPERATION = "chat"

    def request(self, call: Any, body: Any) -> None:
        call.model = body["model"]
        call.stream = body.get("stream")

    def reply(self, call: Any, reply: Any) -> None:
        for name, value in reply.items():
            setattr(call, name, value)

    def input_chars(self, body: Any) -> int:
        return len(body.get("prompt", ""))

    def chunk(self, call: Any, chunk: Any) -> None:
        call.output_chars += len(chunk) if isinstance(chunk, str) else 0
        if isinstance(chunk, dict):
            self.reply(call, chunk)


WIRE = _Wire("toy")


def opened(**body: Any) -> Call:
    """Open a call of the toy's."""
    call = ModelCall()
    call.client, call.operation = "toy", WIRE.OPERATION
    return Call(call, WIRE, {"model": "toy-1", **body})


class ToyError(Exception):
    """What the toy raises."""


class Toy:
    """Every way of answering there is."""

    def ask(self, answer: Any = None) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def ask_async(self, answer: Any = None) -> Any:
        await asyncio.sleep(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def chunks(*given: Any) -> Iterator[Any]:
    """Stream what is given; an exception among it is raised."""
    for one in given:
        if isinstance(one, BaseException):
            raise one
        yield one


async def async_chunks(*given: Any) -> AsyncIterator[Any]:
    """Likewise, asynchronously."""
    for one in given:
        await asyncio.sleep(0)
        if isinstance(one, BaseException):
            raise one
        yield one


class Bytes:
    """A byte stream of both kinds."""

    elapsed = 7

    def __iter__(self) -> Iterator[bytes]:
        yield b"a"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"b"

    def close(self) -> None:
        self.gone = True

    async def aclose(self) -> None:
        self.gone = True


class Response:
    """A response as HTTP clients have it: closes its stream, and so does its generator."""

    def __init__(self) -> None:
        self.stream: Any = Bytes()

    def read(self) -> Iterator[bytes]:
        try:
            yield from self.stream
            yield b"more"
        finally:
            self.close()

    def close(self) -> None:
        self.stream.close()

    async def aclose(self) -> None:
        await self.stream.aclose()
