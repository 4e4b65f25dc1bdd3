"""How a call runs: open, call the client, look at what came back, for sync, async and streams alike.

One rule replaces every sync/async pair: call first, then look. An awaitable is awaited, a stream is watched, anything
else is read and the call ends. Everything of ours is guarded; what the app gets is what it would have got without us.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import CoroutineType
from typing import Any

from tellmetry.engine.call import Call
from tellmetry.guard import guarded

Follow = Callable[[Call, Any], Any]


def settle(call: Call, result: Any) -> Any:
    """Read a plain reply and end the call: what follows where nothing streams."""
    call.read(result)
    call.end()
    return result


def traced(opening: Callable[[Any, Any, Any], Call | None], follow: Follow = settle) -> Callable[..., Any]:
    """Make the wrapper for one patched place.

    `opening(instance, args, kwargs)` gives the open call, or None where this call is not ours to tell; `follow(call,
    result)` sees the result and gives what the app gets, which is that same object or one that behaves as it.
    """
    opened = guarded("opening a call")(opening)
    followed = guarded("following a result")(follow)

    def wrapper(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
        call = opened(instance, args, kwargs)
        if call is None:
            return wrapped(*args, **kwargs)
        call.current.enter()
        try:
            result = wrapped(*args, **kwargs)
        except BaseException as error:
            call.current.leave()
            call.fail(error)
            raise
        call.current.leave()
        if isinstance(result, CoroutineType):
            return _awaited(call, result, followed)
        seen = followed(call, result)
        if seen is not None:
            return seen
        call.end()  # following it failed: the app gets what it would have got
        return result

    return wrapper


async def _awaited(call: Call, coroutine: Any, followed: Follow) -> Any:
    call.current.enter()
    try:
        result = await coroutine
    except BaseException as error:
        call.current.leave()
        call.fail(error)
        raise
    call.current.leave()
    seen = followed(call, result)
    if seen is not None:
        return seen
    call.end()
    return result


Look = Callable[[Any, Any, Any, Any], None]


def heard(look: Look) -> Callable[..., Any]:
    """Make the wrapper that opens nothing: `look(instance, args, kwargs, result)` sees what a function gave."""
    looked = guarded("listening to a client")(look)

    def wrapper(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
        result = wrapped(*args, **kwargs)
        if isinstance(result, CoroutineType):
            return _heard_later(looked, instance, args, kwargs, result)
        looked(instance, args, kwargs, result)
        return result

    return wrapper


async def _heard_later(looked: Callable[..., Any], instance: Any, args: Any, kwargs: Any, coroutine: Any) -> Any:
    result = await coroutine
    looked(instance, args, kwargs, result)
    return result


@contextlib.contextmanager
def inside(call: Call | None) -> Iterator[None]:
    """Be inside a call in this block, even one that has ended: what begins here is its child."""
    current = None if call is None else call.current.again()
    if current is not None:
        current.enter()
    try:
        yield
    finally:
        if current is not None:
            current.leave()


class Around:
    """A call that is open around a block of a client's own, where the client enters and leaves what it is given."""

    def __init__(self, opening: Callable[[], Call | None]) -> None:
        self._opening = guarded("opening a call")(opening)
        self._call: Call | None = None

    def __enter__(self) -> None:
        self._call = self._opening()
        if self._call is not None:
            self._call.current.enter()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._call is not None:
            self._call.current.leave()
            self._call.end() if error is None else self._call.fail(error)
