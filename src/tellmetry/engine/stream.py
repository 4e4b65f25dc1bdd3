"""Streams end in five ways and give one span: completed, closed, abandoned, cancelled or failed.

The app keeps the very object that the client gave it. Where the object holds its iterator in an attribute, we put a
watching iterator there; where the client gives a plain generator, a watching iterator of the same protocol stands in.
"""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import AsyncGeneratorType, GeneratorType
from typing import Any

from tellmetry.engine.call import Call
from tellmetry.engine.generators import watch_async_generator, watch_generator
from tellmetry.engine.traced import settle
from tellmetry.guard import guarded

# Streams that nobody has finished yet: ended as abandoned when the process leaves.
_open: weakref.WeakSet[_Watch] = weakref.WeakSet()


class _Flow:
    """A stream's state, beside the iterator: reading an attribute of a class that passes attributes on is slow."""

    __slots__ = ("call", "pending", "reading", "step")

    def __init__(self, call: Call, step: Callable[[], Any]) -> None:
        self.call = call
        self.pending = call.pending
        self.step = step
        self.reading = False


class _Watch:
    """A stream being read: knows its call and the provider's own iterator."""

    __slots__ = ("__weakref__", "_flow", "_inner")

    def __init__(self, call: Call, inner: Any, step: Callable[[], Any]) -> None:
        self._flow = _Flow(call, step)
        self._inner = inner
        _open.add(self)

    @property
    def call(self) -> Call:
        """The call that ends with the stream."""
        return self._flow.call

    def is_reading(self) -> bool:
        """Tell whether the provider's code is in the middle of a step."""
        inner = self._inner
        return self._flow.reading or getattr(inner, "gi_running", False) or getattr(inner, "ag_running", False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._inner.__reduce_ex__(protocol)  # what cannot be copied says so

    @guarded("ending a stream")
    def __del__(self) -> None:
        self._flow.call.end("abandoned")

    def closed_by_app(self) -> None:
        """Note that the app closed the stream, unless it is the client's generator that cleans up behind itself."""
        if not self.is_reading():
            self._flow.call.end("closed")


class WatchedIterator(_Watch):
    """The provider's iterator, watched."""

    __slots__ = ()

    def __init__(self, call: Call, inner: Iterator[Any]) -> None:
        super().__init__(call, inner, inner.__next__)

    def __iter__(self) -> Iterator[Any]:
        """Give what a `for` reads: a generator where the provider's is one, since a step of that costs least."""
        return self._steps(self._inner) if inspect.isgenerator(self._inner) else self

    def _steps(self, inner: GeneratorType[Any, Any, Any]) -> Iterator[Any]:
        call, pending = self._flow.call, self._flow.pending
        left = 1  # chunks until those that wait are read
        try:
            for chunk in inner:
                pending.append(chunk)
                left -= 1
                if left == 0:
                    call.catch_up()
                    left = call.most
                yield chunk
        except BaseException as error:
            if inner.gi_frame is None:  # else the app left its loop, and may come back to the stream
                call.fail(error)
            raise
        call.end("completed")

    def __next__(self) -> Any:
        flow = self._flow
        flow.reading = True
        try:
            chunk = flow.step()
        except StopIteration:
            flow.call.end("completed")
            raise
        except BaseException as error:
            flow.call.fail(error)
            raise
        flow.reading = False
        flow.pending.append(chunk)
        if len(flow.pending) >= flow.call.most:
            flow.call.catch_up()
        return chunk


class WatchedAsyncIterator(_Watch):
    """The provider's asynchronous iterator, watched."""

    __slots__ = ()

    def __init__(self, call: Call, inner: AsyncIterator[Any]) -> None:
        super().__init__(call, inner, inner.__anext__)

    def __aiter__(self) -> AsyncIterator[Any]:
        """Give what an `async for` reads: a generator where the provider's is one, as for a `for`."""
        return (_begun(self._steps(self._inner)) if inspect.isasyncgen(self._inner) else None) or self

    async def _steps(self, inner: AsyncGeneratorType[Any, Any]) -> AsyncIterator[Any]:
        call, pending = self._flow.call, self._flow.pending
        left = 1  # chunks until those that wait are read
        yield None  # to `_begun`
        try:
            async for chunk in inner:
                pending.append(chunk)
                left -= 1
                if left == 0:
                    call.catch_up()
                    left = call.most
                yield chunk
        except BaseException as error:
            if inner.ag_frame is None:  # else the app left its loop, and may come back to the stream
                call.fail(error)
            raise
        call.end("completed")

    async def __anext__(self) -> Any:
        flow = self._flow
        flow.reading = True
        try:
            chunk = await flow.step()
        except StopAsyncIteration:
            flow.call.end("completed")
            raise
        except BaseException as error:
            flow.call.fail(error)
            raise
        flow.reading = False
        flow.pending.append(chunk)
        if len(flow.pending) >= flow.call.most:
            flow.call.catch_up()
        return chunk


@guarded("following a stream")
def _begun(steps: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """Begin a generator where no event loop hears of it: dropped, it ends at once, and the loop has no task for it."""
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        steps.__anext__().send(None)  # type: ignore[attr-defined]
    except StopIteration:  # it has come to its first yield
        pass
    finally:
        sys.set_asyncgen_hooks(*hooks)
    return steps


def watch(call: Call, inner: Any) -> WatchedIterator | WatchedAsyncIterator:
    """Give the iterator that stands in for `inner`."""
    return WatchedAsyncIterator(call, inner) if hasattr(inner, "__anext__") else WatchedIterator(call, inner)


def follow(call: Call, result: Any) -> Any:
    """See what a method gave: a generator, or a whole answer."""
    if inspect.isgenerator(result):
        return watch_generator(call, result)
    if inspect.isasyncgen(result):
        return watch_async_generator(call, result)
    return settle(call, result)


@guarded("ending open streams")
def end_all() -> None:
    """End every stream that is still open, when the process leaves."""
    for one in list(_open):
        one.call.end("abandoned")
