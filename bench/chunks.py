"""What a streamed chunk costs us, without the client: our iterator over chunks that the real client has parsed before.

The client itself takes two hundred times as much for a chunk, and more or less of it from one process to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from bench import payloads

Work = Callable[[int], None]


def works(client: Any, sizes: dict[str, int]) -> dict[str, Work]:
    """Give the reading of a stream of each size, as `part` watched by us and as `alone` without, sync and async."""
    told: dict[str, Work] = {}
    for name, size in sizes.items():
        at = client.with_options(base_url=f"https://api.openai.com/stream-{size}/v1")
        parsed = [*at.chat.completions.create(**payloads.STREAM)]
        told[f"part_{name}"] = _read(parsed, _watched)
        told[f"alone_{name}"] = _read(parsed, lambda inner: inner)
        told[f"apart_{name}"] = _read_later(parsed, _watched)
        told[f"aalone_{name}"] = _read_later(parsed, lambda inner: inner)
    return told


def _watched(inner: Any) -> Any:
    from tellmetry.engine import stream
    from tellmetry.engine.call import Call
    from tellmetry.record import ModelCall
    from tellmetry.wire import chat_completions

    record = ModelCall()
    record.client = record.provider = "openai"
    record.operation = chat_completions.OPERATION
    return stream.watch(Call(record, chat_completions, payloads.STREAM), inner)


def _read(parsed: list[Any], through: Callable[[Any], Any]) -> Work:
    def work(times: int) -> None:
        for _ in range(times):
            for _ in through(one for one in parsed):
                pass

    return work


def _read_later(parsed: list[Any], through: Callable[[Any], Any]) -> Work:
    async def given() -> AsyncIterator[Any]:
        for one in parsed:
            yield one

    async def all_of_it(times: int) -> None:
        for _ in range(times):
            async for _ in through(given()):
                pass

    return lambda times: asyncio.run(all_of_it(times))
