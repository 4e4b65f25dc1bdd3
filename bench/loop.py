"""A thousand asyncio streams at once: how long the loop stands still because of us.

On a busy machine a loop stands still for others, too. So every piece of our work on the loop's thread is timed in CPU
time of that thread, which nobody else can lengthen, and what the courier's thread holds the interpreter for is seen as
the lag of a loop beside it, against the same loop without us.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from bench import payloads
from bench.work import clients

STREAMS, CHUNKS = 1000, 20
_longest_ns = 0


def _timed(function: Any) -> Any:
    def timed(*args: Any, **kwargs: Any) -> Any:
        global _longest_ns
        started = time.thread_time_ns()
        try:
            return function(*args, **kwargs)
        finally:
            _longest_ns = max(_longest_ns, time.thread_time_ns() - started)

    return timed


def watch_our_work() -> None:
    """Time what we do between two steps of the app, piece by piece."""
    from tellmetry.engine.call import Call

    for name in ("__init__", "catch_up", "read", "end", "fail"):
        setattr(Call, name, _timed(getattr(Call, name)))


async def _beat(lags: list[float]) -> None:
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append((time.perf_counter() - started - 0.001) * 1e3)


async def _one(client: Any, asked: dict[str, Any]) -> None:
    async for _ in await client.chat.completions.create(**asked):
        await asyncio.sleep(0)  # as a network would have it: the others' chunks come between ours


async def streams(large: bool) -> list[float]:
    """Run all streams at once and give the loop's lags in milliseconds."""
    client = clients()[1].with_options(base_url=f"https://api.openai.com/stream-{CHUNKS}/v1")
    asked = dict(payloads.STREAM)
    if large:
        asked["messages"] = [*asked["messages"], {"role": "user", "content": "x" * 1_000_000}]
    lags: list[float] = []
    beat = asyncio.create_task(_beat(lags))
    await asyncio.gather(*(_one(client, asked) for _ in range(STREAMS if not large else 20)))
    beat.cancel()
    return lags


def main(ours: bool) -> None:
    """Print the lags, and the longest piece of our own work, as JSON."""
    if ours:
        import tellmetry

        tellmetry.enable("local")
        from bench.nowhere import own_way_out

        clients()
        own_way_out()
        watch_our_work()
    asyncio.run(streams(large=False))  # once to import and to warm up
    global _longest_ns
    told: dict[str, Any] = {}
    for name, large in (("streams", False), ("large", True)):
        _longest_ns = 0
        lags = sorted(asyncio.run(streams(large)))
        told[name] = {
            "lag_p50_ms": round(lags[len(lags) // 2], 2),
            "lag_p99_ms": round(lags[int(len(lags) * 0.99)], 2),
            "lag_max_ms": round(lags[-1], 2),
            "our_longest_ms": round(_longest_ns / 1e6, 3),
        }
    print(json.dumps(told), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1] == "ours")
