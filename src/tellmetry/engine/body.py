"""The byte stream of an HTTP response: the one place to listen at that a response neither copies nor pickles.

So the response itself, which the app holds, stays as it was.
"""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any

from tellmetry.guard import guarded

_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class Body:
    """A response's byte stream that tells when the app closes it; it passes for the kind that it stands for."""

    def __init__(self, inner: Any, closed: Callable[[], None]) -> None:
        self._inner = inner
        self._closed = closed

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self._inner.__class__

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_inner"], name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._inner)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._inner.__aiter__()  # type: ignore[no-any-return]

    def close(self) -> Any:
        self._heard_close(sys._getframe(1))
        return self._inner.close()

    def aclose(self) -> Any:
        self._heard_close(sys._getframe(1))
        return self._inner.aclose()

    @guarded("noticing a close")
    def _heard_close(self, closing: FrameType) -> None:
        if not _cleans_up(closing):
            self._closed()


def _cleans_up(closing: FrameType) -> bool:
    """Tell whether a response is closed by its own generator, which somebody dropped: nobody decided that."""
    frame: FrameType | None = closing
    while frame is not None and frame.f_globals is closing.f_globals:
        if frame.f_code.co_flags & _GENERATOR:
            return True
        frame = frame.f_back
    return False


def on_close(response: Any, told: Callable[[], None]) -> None:
    """Have the method `told` called before the app closes a response, as long as the stream that it belongs to lives.

    A stream holds its response, and held by it in turn would be closed only when the garbage collector comes by.
    """
    method = weakref.WeakMethod(told)

    def closed() -> None:
        alive = method()
        if alive is not None:
            alive()

    response.stream = Body(response.stream, closed)
