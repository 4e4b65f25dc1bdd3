"""Streams that are their own iterator: nothing inside to replace, so the class's step asks who watches the object.

Nothing is written on the stream, and nothing of ours keeps it alive: dropped, it is collected as it would have been.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from tellmetry.clients.client import Place
from tellmetry.engine import stream
from tellmetry.engine.call import Call
from tellmetry.guard import guarded

Steps = dict[str, Any]

_WATCHES: dict[str, type[Any]] = {"__next__": stream.WatchedIterator, "__anext__": stream.WatchedAsyncIterator}
_watched: weakref.WeakKeyDictionary[Any, Steps] = weakref.WeakKeyDictionary()


class _Steps:
    """The client's own steps through a stream that is held weakly."""

    def __init__(self, held: Any) -> None:
        self._held = weakref.ref(held)

    def __next__(self) -> Any:
        return _original(self._held, "__next__")

    def __anext__(self) -> Any:
        return _original(self._held, "__anext__")


def _original(held: weakref.ref[Any], name: str) -> Any:
    there = held()
    return getattr(type(there), name).__wrapped__(there)


class Endings:
    """A call that hears how its stream ends, where what the stream says is read elsewhere."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.end, self.fail = call.end, call.fail
        self.pending: list[Any] = []
        self.most = 1

    @guarded("reading a chunk")
    def catch_up(self) -> None:
        """Read nothing of what has come."""
        self.pending.clear()


def places(module: str, kind: str, steps: tuple[str, ...], closes: tuple[str, ...] = ()) -> tuple[Place, ...]:
    """Give the places of one class of streams: its steps, and the methods with which the app leaves it."""
    return (
        *(Place(module, f"{kind}.{name}", _step(name), "stream") for name in steps),
        *(Place(module, f"{kind}.{name}", close, "stream") for name in closes),
    )


def _step(name: str) -> Callable[..., Any]:
    def step(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
        watch = find(instance, name)
        return wrapped(*args, **kwargs) if watch is None else getattr(watch, name)()

    return step


def close(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Tell who watches a stream that the app closes it."""
    _tell(instance)
    return wrapped(*args, **kwargs)


@guarded("noticing a close")
def _tell(instance: Any) -> None:
    watches = (_watched.get(instance) or {}).values()
    if not any(watch.is_reading() for watch in watches):  # else the client cleans up behind itself
        for watch in watches:
            watch.closed_by_app()


@guarded("finding a stream")
def find(instance: Any, name: str) -> Any:
    """Give the watch of one step of a stream, or None for a stream that nobody watches."""
    watches = _watched.get(instance)
    return None if watches is None else watches[name]


def follow(call: Call, result: Any) -> Any:
    """Watch a stream whose class has been patched."""
    own = (name for name in _WATCHES if hasattr(getattr(type(result), name, None), "__wrapped__"))
    keep(result, {name: _WATCHES[name](call, _Steps(result)) for name in own})
    return result


def keep(result: Any, watches: Steps) -> None:
    """Remember who watches a stream, as long as it lives."""
    _watched[result] = watches
