"""Many uses at once, in tasks and in threads, each under a span of its own; and streams that others drop."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any

from driving import App, Mode, at_once, each, got, use
from listening import listening
from tracing import AppSpans


async def _one(mode: Mode, client: Any, number: int, spans: AppSpans) -> None:
    with spans.request():
        async with aclosing(use(mode, client, f"[[delay_ms=1]] I am number {number}.")) as steps:
            async for step in steps:
                if step.kind == "chunk":
                    with spans.request("chunk"):
                        pass


async def in_tasks(count: int, modes: list[Mode], client: Any, spans: AppSpans) -> None:
    """Use a client in so many tasks at once, taking turns with the modes."""
    await asyncio.gather(*(_one(modes[number % len(modes)], client, number, spans) for number in range(count)))


def in_threads(count: int, modes: list[Mode], client: Any, spans: AppSpans) -> None:
    """Use a client in threads, taking turns with the modes."""
    with ThreadPoolExecutor(8) as pool:
        turns = [pool.submit(at_once, _one(modes[number % len(modes)], client, number, spans)) for number in range(count)]
        for turn in turns:
            turn.result()


def parents(spans: AppSpans) -> Counter[str]:
    """Count our spans that are the only call under a request of the app's, and its chunks that are right under one too."""
    requests = {span.context.span_id: span for span in spans.named("request")}
    found: Counter[str] = Counter()
    assert len({span.parent.span_id for span in spans.ours if span.parent}) == len(spans.ours)
    for name, told in (("request", spans.ours), ("chunk", spans.named("chunk"))):
        for span in told:
            parent = requests.get(span.parent.span_id) if span.parent else None
            if parent is not None and parent.context.trace_id == span.context.trace_id:
                found[name] += 1
    return found


def lets_go(app: App, mode: Mode, client: Any, waits: bool) -> bool:
    """Drop a stream; tell whether that alone frees what it holds, without the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        kept = app.loop.run(_dropped(mode, client)) if waits else at_once(_dropped(mode, client))
        if waits:
            app.loop.run(asyncio.sleep(0.01))  # where the loop closes its generators
        return kept() is None
    finally:
        gc.enable()
        gc.collect()


async def _dropped(mode: Mode, client: Any) -> weakref.ref[Any]:
    held = await _opened(mode, client)
    stream = held[1]
    kept = weakref.ref(getattr(stream, "response", stream))
    held.clear()
    return kept


def abandoned_elsewhere(app: App, mode: Mode, client: Any, waits: bool) -> list[Any]:
    """Open a stream here, drop it in another task or thread; give what was logged of it."""
    logs: list[Any] = []
    with listening(logs):
        app.loop.run(_drop_in_task(mode, client, logs)) if waits else _drop_in_thread(mode, client)
        gc.collect()
    return [entry for entry in logs if entry[0].startswith(("opentelemetry", "tellmetry", "asyncio"))]


async def _opened(mode: Mode, client: Any) -> list[Any]:
    thing = await got(mode.call(client, "[[chunks=9]] How are you?"))
    stream = thing if mode.then is None else await got(mode.then(thing))
    chunks = each(stream)
    return [thing, stream, chunks, await anext(chunks)]


async def _drop_in_task(mode: Mode, client: Any, logs: list[Any]) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, said: logs.append(("asyncio", 0, said["message"])))
    held = await asyncio.create_task(_opened(mode, client))

    async def drop() -> None:
        held.clear()
        gc.collect()

    await asyncio.create_task(drop())
    await asyncio.sleep(0.01)


def _drop_in_thread(mode: Mode, client: Any) -> None:
    held: list[Any] = []

    async def fill() -> None:
        held.extend(await _opened(mode, client))

    at_once(fill())
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
