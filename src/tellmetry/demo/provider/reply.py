"""A reply on its way: bytes with the pauses before them, and the meter that runs meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from tellmetry.demo.provider.frames import Frame, dumps
from tellmetry.demo.provider.headers import start
from tellmetry.demo.provider.meter import Meter
from tellmetry.demo.provider.script import Script

Drop: TypeAlias = Literal["close", "reset"]
HOLD_S = 60.0


class Step(NamedTuple):
    """Wait, then send; with the content chunks and characters that are out once it has been sent."""

    wait_s: float
    data: bytes
    chunks: int = 0
    chars: int = 0


class Reply(NamedTuple):
    """Steps in order, and how the connection is dropped after them; without a meter it is not billed."""

    steps: list[Step]
    meter: Meter | None = None
    drop: Drop | None = None


def plain_step(head: bytes, body: bytes, wait_s: float = 0.0) -> Step:
    """Send a body in one piece."""
    return Step(wait_s, b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body))


def json_reply(status: int, value: object) -> Reply:
    """Send plain JSON, with nothing of a provider about it."""
    head = start(status, {"content-type": "application/json"})
    return Reply([plain_step(head, dumps(value).encode())])


def stream_steps(head: bytes, frames: Iterable[Frame], script: Script, *, ends: bool) -> list[Step]:
    """Lay a stream out in time; one that does not end lacks the last chunk."""
    steps = [Step(script.slow or 0.0, head + b"transfer-encoding: chunked\r\n\r\n")]
    hold_after = script.hold_after
    chunks = chars = 0
    for data, size in frames:
        wait_s = _pause_s(script, chunks) if size else 0.0
        if chunks == hold_after:
            wait_s, hold_after = HOLD_S, None
        chunks += bool(size)
        chars += size
        steps.append(Step(wait_s, b"%x\r\n%b\r\n" % (len(data), data), chunks, chars))
    if ends:
        steps.append(Step(0.0, b"0\r\n\r\n", chunks, chars))
    return steps


def _pause_s(script: Script, chunks: int) -> float:
    return ((script.delay_ms if chunks else script.first_chunk_delay_ms) or 0.0) / 1000
