"""The work that is measured: the real openai client over a transport inside the process, and the app's own records."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from bench import payloads
from bench.peers import Peer

SHORT, LONG = 20, 70  # chunks of the two streams whose difference is what chunks cost
IDS, SCORES = [f"doc-{at}" for at in range(5)], [0.9, 0.8, 0.7, 0.6, 0.5]

Work = Callable[[int], None]


def answer(request: Any) -> Any:
    """Answer as the provider does: a stream where one is asked for, of as many chunks as its path says."""
    try:
        import httpx2 as httpx
    except ImportError:
        import httpx
    path = request.url.path
    if "/stream-" in path:
        size = int(path.partition("/stream-")[2].partition("/")[0])
        return httpx.Response(200, headers={**payloads.HEADERS, "content-type": "text/event-stream"}, content=_events(size))
    number = b"%d" % next(_numbers)  # no two answers have the same ids
    body = _VECTORS if path.endswith("/embeddings") else _ANSWER.replace(b"chatcmpl-1", b"chatcmpl-" + number)
    return httpx.Response(200, headers=[*payloads.HEADERS.items(), ("x-request-id", number.decode())], content=body)


_ANSWER, _VECTORS = json.dumps(payloads.ANSWER).encode(), json.dumps(payloads.VECTORS).encode()
_numbers = itertools.count()
_streams: dict[int, bytes] = {}


def _events(size: int) -> bytes:
    if size not in _streams:
        _streams[size] = payloads.events(size)
    return _streams[size]


def clients() -> tuple[Any, Any]:
    """Make a client and an asynchronous client whose requests never leave the process."""
    import openai

    try:
        import httpx2 as httpx
    except ImportError:
        import httpx

    transport = httpx.MockTransport(answer)
    sync, later = httpx.Client(transport=transport), httpx.AsyncClient(transport=transport)
    return openai.OpenAI(api_key="k", http_client=sync), openai.AsyncOpenAI(api_key="k", http_client=later)


def works(peer: Peer) -> dict[str, Work]:
    """Give everything that can be measured with a peer, once its `arm` has run; each does its work so many times."""
    spoken, later = clients()
    told = {
        "chat": _repeated(lambda: spoken.chat.completions.create(**payloads.CHAT)),
        "embed": _repeated(lambda: spoken.embeddings.create(**payloads.EMBED)),
        "achat": _awaited(lambda: later.chat.completions.create(**payloads.CHAT)),
    }
    for name, size in (("stream_short", SHORT), ("stream_long", LONG)):
        at = f"https://api.openai.com/stream-{size}/v1"
        told[name] = _repeated(_consuming(spoken.with_options(base_url=at)))
        told[f"a{name}"] = _awaited(_consuming_later(later.with_options(base_url=at)))
    told.update(_own(peer))
    return told


def _own(peer: Peer) -> dict[str, Work]:
    place: dict[str, Any] = {}
    exec(peer.retrieval + peer.guardrail, place)  # noqa: S102 - the lines that an app would have
    told: dict[str, Work] = {}
    if "retrieve" in place:
        told["retrieval"] = _repeated(lambda: place["retrieve"](IDS, SCORES))
    if "check" in place:
        told["guardrail"] = _repeated(place["check"])
    return told


def _repeated(once: Callable[[], Any]) -> Work:
    def work(times: int) -> None:
        for _ in range(times):
            once()

    return work


def _awaited(once: Callable[[], Awaitable[Any]]) -> Work:
    async def all_of_it(times: int) -> None:
        for _ in range(times):
            await once()

    return lambda times: asyncio.run(all_of_it(times))


def _consuming(client: Any) -> Callable[[], None]:
    def once() -> None:
        for _ in client.chat.completions.create(**payloads.STREAM):
            pass

    return once


def _consuming_later(client: Any) -> Callable[[], Awaitable[None]]:
    async def once() -> None:
        async for _ in await client.chat.completions.create(**payloads.STREAM):
            pass

    return once
