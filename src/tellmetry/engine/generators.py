"""Plain generators: the request is sent with their first step, and they are left by dropping them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Generator
from typing import Any

from tellmetry.engine.call import Call
from tellmetry.engine.traced import enter, leave
from tellmetry.guard import guarded


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
    """The provider's code at work: the call is current for its first step, when the request is sent."""

    @guarded("entering a call")
    def __init__(self, call: Call) -> None:
        self._call = call
        self._first = True

    @guarded("entering a call")
    def __enter__(self) -> None:
        if self._first:
            enter(self._call)

    @guarded("leaving a call")
    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._first:
            self._first = False
            leave(self._call)
        if error is not None:
            self._call.fail(error)


class _Left:
    """The app at work between two chunks: all that can come back is that it is done with the stream."""

    @guarded("ending a stream")
    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None: ...

    @guarded("ending a stream")
    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, GeneratorExit):
            self._call.end("closed")
        elif error is not None:
            self._call.fail(error)
