"""Plain generators: the request is sent with their first step, and they are left by dropping them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Generator
from typing import Any

from tellmetry.engine.call import Call
from tellmetry.engine.traced import enter, leave
from tellmetry.record import Guardrail


def watch_generator(call: Call, inner: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Stand in for a plain generator, whose request is sent with its first step and which is left by dropping it."""
    entered = _Entered(call)
    with contextlib.closing(inner):
        while True:
            with entered:
                try:
                    chunk = next(inner)
                except StopIteration as last:
                    call.end("completed")
                    return last.value
            call.saw(chunk)
            with _Left(call):
                yield chunk


async def watch_async_generator(call: Call, inner: AsyncGenerator[Any, Any]) -> AsyncGenerator[Any, Any]:
    """Stand in for an asynchronous generator, as `watch_generator` does for a plain one."""
    entered = _Entered(call)
    async with contextlib.aclosing(inner):
        while True:
            with entered:
                try:
                    chunk = await inner.__anext__()
                except StopAsyncIteration:
                    call.end("completed")
                    return
            call.saw(chunk)
            with _Left(call):
                yield chunk


class _Entered:
    """The client's code at work: a model call is current for its first step, which sends it; a check for every one."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._works = True

    def __enter__(self) -> None:
        if self._works:
            enter(self._call)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._works:
            leave(self._call)
            self._works = isinstance(self._call.record, Guardrail)
        if error is not None:
            self._call.fail(error)


class _Left:
    """The app at work between two chunks: all that can come back is that it is done with the stream."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, GeneratorExit):
            self._call.end("closed")
        elif error is not None:
            self._call.fail(error)
