"""What the accounting test runs: plain programs that import nothing of ours and call a provider.

    python tests/stack/workload.py {short,forked,tasks,threads,streams} URL
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import openai

CHAT: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "[[input=412 output=99 cached=256]] hi"}]}
TOLD: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
MESSAGE: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "[[input=120 output=40 cached=30]] hello"}],
}
SLOW = [{"role": "user", "content": "[[hold_after=3]] tell me a long story"}]  # waits until we leave


def clients(url: str) -> tuple[openai.OpenAI, anthropic.Anthropic]:
    return openai.OpenAI(api_key="k", base_url=f"{url}/v1"), anthropic.Anthropic(api_key="k", base_url=url)


def short(url: str) -> None:
    """Three calls, one of them retried, and out: the job that loses its metrics elsewhere."""
    chat, messages = clients(url)
    chat.chat.completions.create(**CHAT)
    chat.embeddings.create(model="text-embedding-3-small", input="hello world")
    again = [{"role": "user", "content": "[[status=429 times=1 retry_after_ms=1]] again"}]
    messages.messages.create(**{**MESSAGE, "messages": again})


def _child(url: str, calls: int) -> None:
    chat, _ = clients(url)
    for _ in range(calls):
        chat.chat.completions.create(**CHAT)


def forked(url: str) -> None:
    """Four workers forked by a parent that has called already, so that its thread and queue exist."""
    _child(url, 1)
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_child, args=(url, 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0


def tasks(url: str) -> None:
    """One asyncio program with a hundred tasks at once."""

    async def one(client: openai.AsyncOpenAI, number: int) -> None:
        if number % 2:
            async for _ in await client.chat.completions.create(**CHAT, **TOLD):
                pass
        else:
            await client.responses.create(model="gpt-5-mini", input="[[input=50 output=70 reasoning=30]] think")

    async def all_of_them() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{url}/v1") as client:
            await asyncio.gather(*(one(client, number) for number in range(100)))

    asyncio.run(all_of_them())


def threads(url: str) -> None:
    """One program with a pool of threads that share their clients."""
    chat, messages = clients(url)

    def one(number: int) -> None:
        chat.chat.completions.create(**CHAT) if number % 2 else messages.messages.create(**MESSAGE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(64)))


def streams(url: str) -> None:
    """Streams that end in each of the five ways: completed, closed, abandoned, cancelled, failed."""
    chat, messages = clients(url)
    for _ in chat.chat.completions.create(**CHAT, **TOLD):
        pass
    with messages.messages.stream(**MESSAGE) as told:
        told.get_final_message()
    closed = chat.chat.completions.create(model="gpt-4o-mini", messages=SLOW, **TOLD)
    next(iter(closed))
    closed.close()
    abandoned = messages.messages.create(**{**MESSAGE, "messages": SLOW}, stream=True)
    next(iter(abandoned))
    del abandoned, closed
    gc.collect()
    cut = [{"role": "user", "content": "[[cut_after=3]] break"}]
    try:
        for _ in chat.chat.completions.create(model="gpt-4o-mini", messages=cut, **TOLD):
            pass
    except Exception:  # whatever the client makes of a connection that is lost
        pass
    asyncio.run(_cancelled(url))


async def _cancelled(url: str) -> None:
    begun = asyncio.Event()

    async def read(client: openai.AsyncOpenAI) -> None:
        async for _ in await client.chat.completions.create(model="gpt-4o-mini", messages=SLOW, **TOLD):
            begun.set()

    async with openai.AsyncOpenAI(api_key="k", base_url=f"{url}/v1") as client:
        task = asyncio.create_task(read(client))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
