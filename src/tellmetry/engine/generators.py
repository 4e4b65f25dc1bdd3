"""Plain generators: the request is sent with their first step, and they are left by dropping them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Generator
from typing import Any

from tellmetry.engine.call import Call
from tellmetry.guard import guarded
from tellmetry.record import Guardrail


def watch_generator(call: Call, inner: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Stand in for a plain generator, whose request is sent with its first step and which is left by dropping it."""
    with contextlib.closing(inner):
        while True:
            entered = _enter(call)
            try:
                chunk = next(inner)
            except StopIteration as last:
                _leave(entered)
                call.end("completed")
                return last.value
            except BaseException as error:
                _leave(entered)
                call.fail(error)
                raise
            _leave(entered)
            call.saw(chunk)
            try:
                yield chunk
            except BaseException as error:
                _left(call, error)
                raise


async def watch_async_generator(call: Call, inner: AsyncGenerator[Any, Any]) -> AsyncGenerator[Any, Any]:
    """Stand in for an asynchronous generator, as `watch_generator` does for a plain one."""
    async with contextlib.aclosing(inner):
        while True:
            entered = _enter(call)
            try:
                chunk = await inner.__anext__()
            except StopAsyncIteration:
                _leave(entered)
                call.end("completed")
                return
            except BaseException as error:
                _leave(entered)
                call.fail(error)
                raise
            _leave(entered)
            call.saw(chunk)
            try:
                yield chunk
            except BaseException as error:
                _left(call, error)
                raise


@guarded("entering a step")
def _enter(call: Call) -> Call | None:
    """Make the call current while the client's code works: a model call sends itself at first, a check always works."""
    if call.seen and not isinstance(call.record, Guardrail):
        return None
    call.current.enter()
    return call


def _leave(entered: Call | None) -> None:
    if entered is not None:
        entered.current.leave()


@guarded("leaving a stream")
def _left(call: Call, error: BaseException) -> None:
    """End the call as the app left it: all that can come from there is that it is done with the stream."""
    if isinstance(error, GeneratorExit):
        call.end("closed")
    else:
        call.fail(error)
