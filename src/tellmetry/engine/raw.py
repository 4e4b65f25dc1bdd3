"""Raw responses: the app reads the body itself, so we listen as it does and read what it has read, at the end.

Never parses or consumes a body that is not ours: bytes are kept as the app takes them, up to a bound. We listen at the
response's byte stream, which a response neither copies nor pickles, so that the response itself stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any

from tellmetry.engine.body import Body
from tellmetry.engine.call import Call
from tellmetry.guard import guarded

MOST_BYTES = 16 * 2**20


class Heard(Body):
    """A byte stream that tells every part that the app takes, and how its reading ends."""

    def __init__(self, inner: Any, ear: Ear) -> None:
        super().__init__(inner, ear.closed)
        self.ear = ear

    @guarded("noticing a close")
    def _heard_close(self, closing: FrameType) -> None:
        self._closed()  # whoever reads bytes leaves by dropping what gives them

    def __iter__(self) -> Iterator[bytes]:
        with self.ear:
            for part in self._inner:
                self.ear.heard(part)
                yield part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self.ear:
            async for part in self._inner:
                self.ear.heard(part)
                yield part


class Ear:
    """What was heard of a body on its way to the app, for one call."""

    def __init__(self, call: Call, response: Any) -> None:
        self._call: Call | None = call
        self._decode = _decoder(response)
        self._parts: list[bytes] = []
        self._bytes = 0

    def __enter__(self) -> None: ...

    @guarded("ending a body")
    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            self._finish("completed")
        elif not isinstance(error, GeneratorExit):  # else the app dropped it: a close or the collector says how
            self._finish("failed", error)

    @guarded("ending a body")
    def __del__(self) -> None:
        self._finish("abandoned")

    def closed(self) -> None:
        """Note that the app closed the response."""
        self._finish("closed")

    @guarded("listening to a body")
    def heard(self, part: bytes) -> None:
        """Keep one part."""
        if self._call is not None:
            if not self._parts and _streams(self._call):
                self._call.first()
            self._bytes += len(part)
            if self._bytes <= MOST_BYTES:
                self._parts.append(part)

    def hand_over(self) -> tuple[Call | None, list[bytes]]:
        """Stop listening and give the call, where it is still ours to give, to somebody else, with what was heard."""
        call, parts = self._call, self._parts
        self._call, self._parts = None, []
        return call, parts

    @guarded("ending a body")
    def _finish(self, ending: Any, error: BaseException | None = None) -> None:
        call, parts = self.hand_over()
        if call is not None:
            _read(call, self._decode, b"".join(parts))
            _end(call, ending, error)


def _decoder(response: Any) -> Callable[[bytes], bytes]:
    encoding = response.headers.get("content-encoding")
    if not encoding:
        return bytes
    kind = type(response)
    return lambda body: kind(200, headers={"content-encoding": encoding}, content=body).content


@guarded("reading a body")
def _read(call: Call, decode: Callable[[bytes], bytes], body: bytes) -> None:
    if not body:
        return
    if not _streams(call):
        _read_whole(call, decode(body))
        return
    for line in decode(body).splitlines():
        event = json_object(line[5:]) if line.startswith(b"data:") else None
        if event is not None:
            call.saw_late(event)


def _read_whole(call: Call, body: bytes) -> None:
    answer = json_object(body)
    if answer is not None:
        call.read(answer)


def json_object(text: bytes) -> dict[str, Any] | None:
    """Read a JSON object; None for what is none: a provider's broken answer is no fault of ours."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _streams(call: Call) -> bool:
    return bool(getattr(call.record, "stream", None))


def _end(call: Call, ending: Any, error: BaseException | None) -> None:
    """End the call as its body ended; an answer that was told whole is complete, whoever closed behind it."""
    if error is not None:
        call.fail(error)
    elif not _streams(call):
        call.end()
    else:
        told_whole = getattr(call.record, "finish_reasons", None) or call.record.error_type is not None
        call.end("completed" if told_whole else ending)


def follow(call: Call, response: Any) -> None:
    """Read a body that is there already, or listen to one that is still to come."""
    if is_read(response):
        _read(call, bytes, response.content)
        _end(call, "completed", None)
    else:
        response.stream = Heard(response.stream, Ear(call, response))


def is_read(response: Any) -> bool:
    """Tell whether a response's body is in memory already."""
    return hasattr(response, "_content")


def ear(response: Any) -> Ear | None:
    """Give what listens to a response's body; None where nothing does."""
    stream = response.stream
    return stream.ear if type(stream) is Heard else None
