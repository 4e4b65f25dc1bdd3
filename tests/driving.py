"""How an app uses a client: uses written once for sync and async clients, and one run of a use under observation."""

from __future__ import annotations

import asyncio
import gc
import inspect
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, aclosing, contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from opentelemetry import context as otel
from listening import listening
from sighting import anatomy, plain, see

from tellmetry import scope
from tellmetry.demo.provider import Provider


@dataclass(frozen=True)
class Mode:
    """One way to call a client, and what the app does with what it gets.

    `call(client, ask)` is written for the sync client; the async one answers it with awaitables. `inside`: the result is
    entered with `with`. `then(result)` is the next thing the app takes from it. `streams`: that is a stream, read chunk by
    chunk. `last(thing)` is asked for at the end. `raw`: the app reads bytes, and meets no errors that stand in them.
    `calls` are the model calls a whole use makes; `tells` is what the provider says of tokens: all, or nothing.
    """

    call: Callable[[Any, str], Any]
    inside: bool = False
    then: Callable[[Any], Any] | None = None
    streams: bool = False
    last: Callable[[Any], Any] | None = None
    raw: bool = False
    calls: int = 1
    tells: bool = True


# The loop closes abandoned generators in tasks of its own, one inside the other.
_TICKS = 5


class Step(NamedTuple):
    """What the app holds now: the result, a chunk of it, or what it asked for at the end."""

    kind: Literal["result", "chunk", "last"]
    thing: Any


async def got(thing: Any) -> Any:
    """Await what has to be awaited."""
    return await thing if inspect.isawaitable(thing) else thing


async def each(thing: Any) -> AsyncIterator[Any]:
    """Iterate either kind of stream."""
    if hasattr(thing, "__aiter__"):
        async for one in thing:
            yield one
    else:
        for one in thing:
            yield one


async def _entered(thing: Any, stack: AsyncExitStack) -> Any:
    if not hasattr(thing, "__enter__") and not hasattr(thing, "__aenter__"):
        thing = await got(thing)
    return await stack.enter_async_context(thing) if hasattr(thing, "__aenter__") else stack.enter_context(thing)


async def use(mode: Mode, client: Any, ask: str) -> AsyncIterator[Step]:
    """Call as an app would; suspended wherever the app has something in its hands."""
    async with AsyncExitStack() as stack:
        thing = mode.call(client, ask)
        thing = await _entered(thing, stack) if mode.inside else await got(thing)
        yield Step("result", thing)
        if mode.then is not None:
            thing = await got(mode.then(thing))
            yield Step("result", thing)
        if mode.streams or mode.calls > 1:
            async with aclosing(each(thing)) as chunks:
                async for chunk in chunks:
                    yield Step("chunk", chunk)
        if mode.last is not None:
            yield Step("last", await got(mode.last(thing)))


@dataclass
class Sighted:
    """Everything that one run showed: to the app, to the provider and in the logs."""

    error: Any = None
    steps: list[Any] = field(default_factory=list)
    afterwards: Any = None
    sent: list[Any] = field(default_factory=list)
    logs: list[Any] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Turn:
    """What the app does in the middle: after `chunks` chunks (0: once the request is sent) it closes, leaves, raises or is cancelled.

    A cancel comes `after_s` seconds later: by then a busy machine too has brought what the provider sent at once. Where
    many requests are sent, `asks` are words in the one that is waited for.
    """

    chunks: int
    act: Literal["close", "leave", "raise", "cancel"]
    after_s: float = 0.1
    asks: str = ""


class App:
    """Runs uses of a client against a provider and writes down what is to be seen."""

    def __init__(self, provider: Provider, loop: asyncio.Runner) -> None:
        self.provider = provider
        self.loop = loop
        self.raised: type[BaseException] | None = None
        self._around: Callable[[], AbstractContextManager[Any]] = nullcontext

    @contextmanager
    def inside(self, around: Callable[[], AbstractContextManager[Any]]) -> Iterator[None]:
        """Have each run inside what `around` gives, in the run's own task."""
        self._around = around
        try:
            yield
        finally:
            self._around = nullcontext

    def run(self, mode: Mode, client: Any, ask: str, waits: bool, turn: Turn | None = None) -> Sighted:
        """Use a client, async if it `waits`, to the end or to the app's own `turn`."""
        sighted = Sighted()
        self.provider.reset()
        self.raised = None
        before = current()
        with listening(sighted.logs):
            using = self._use(sighted, mode, client, ask, turn)
            if waits:
                self.loop.run(self._watched(sighted, using), context=copy_context())
            else:
                at_once(using)
            assert current() == before, "something of ours is still current"
            gc.collect()
        gc.freeze()  # what has survived is no garbage: it makes the next collection quick
        assert self._has_arrived(), "a request never arrived or never ended"
        sighted.sent = [_request(one) for one in self.provider.requests]
        return sighted

    def _has_arrived(self) -> bool:
        late = time.monotonic() + 5
        while not (settled := self.provider.requests and self.provider.bill.settled()) and time.monotonic() < late:
            time.sleep(0.001)
        return bool(settled)

    async def _watched(self, sighted: Sighted, using: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, said: sighted.trouble.append(plain(said["message"])))
        await using
        gc.collect()
        for _ in range(_TICKS):
            await asyncio.sleep(0)

    async def _use(self, sighted: Sighted, mode: Mode, client: Any, ask: str, turn: Turn | None) -> None:
        with self._around():
            await self._take_steps(sighted, mode, client, ask, turn)

    async def _take_steps(self, sighted: Sighted, mode: Mode, client: Any, ask: str, turn: Turn | None) -> None:
        before, chunks, held = current(), 0, None
        try:
            if turn is not None and turn.chunks == 0:
                self._cancel_once_sent(turn)
            async with aclosing(use(mode, client, ask)) as steps:
                async for step in steps:
                    assert current() == before, "something of ours is current while the app works"
                    sighted.steps.append((step.kind, see(step.thing)))
                    held = step.thing if step.kind == "result" else held
                    chunks += step.kind == "chunk"
                    if turn is not None and 0 < turn.chunks == chunks and await _take(turn, held):
                        break
        except (Exception, asyncio.CancelledError) as error:
            self.raised = type(error)  # not the error, whose traceback would keep all alive
            sighted.error = see(error)
        sighted.afterwards = anatomy(held)


    def _cancel_once_sent(self, turn: Turn) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def look() -> None:
            if any(turn.asks in one.body.decode() for one in self.provider.requests):
                loop.call_later(turn.after_s, task.cancel)
            else:
                loop.call_later(0.005, look)

        loop.call_later(0.005, look)


async def _take(turn: Turn, held: Any) -> bool:
    if turn.act == "raise":
        raise ZeroDivisionError("the app's own mistake")
    if turn.act == "cancel":
        asyncio.get_running_loop().call_later(turn.after_s, asyncio.current_task().cancel)  # type: ignore[union-attr]
        return False
    if turn.act == "close":
        await got((getattr(held, "close", None) or held.aclose)())
    return True


def at_once(using: Coroutine[Any, Any, Any]) -> Any:
    """Run what never waits, without an event loop."""
    try:
        using.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("a sync client made the app wait")


def current() -> tuple[Any, Any]:
    """Give what is current here, of OpenTelemetry's and of ours."""
    return dict(otel.get_current()), scope.OPEN.get()


def _request(one: Any) -> Any:
    headers = [(name, plain(value)) for name, value in one.headers.items()]
    return one.method, one.path, one.query, headers, plain(one.body.decode())
