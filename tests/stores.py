"""The contract for vector stores: every look-up bare and instrumented, told once, with its number, score and ids.

A store's test says how the store is opened, filled and asked (`Store`, `Look`) and inherits the rest.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import openai
import pytest
from canaries import MARK, canary, silence
from crowd import parents
from driving import Sighted, at_once, current, got
from faults import armed, settings, survive
from judging import same
from listening import listening
from places import look_as_before
from recording import Recording
from sighting import anatomy, see
from tracing import app_provider

import tellmetry
from tellmetry import guard, names, scope
from tellmetry.demo.provider import Provider

DOCUMENTS = tuple(canary(f"document {number}") for number in range(4))
METADATA = canary("metadata")
VECTORS = ([1.0, 0.0], [0.8, 0.6], [0.6, 0.8], [0.0, 1.0])
SOURCE = "handbook"
Arm = Callable[[], Recording]


@dataclasses.dataclass(frozen=True)
class Look:
    """One way to look something up: `call(store, text)`, answered with an awaitable by the async one.

    `told` is all that the record must say beside what is the same for every look-up of the store; `error` the class of
    what is raised.
    """

    call: Callable[[Any, str], Any]
    told: dict[str, Any] = dataclasses.field(default_factory=dict)
    error: str | None = None
    sides: tuple[bool, ...] = (False, True)


@dataclasses.dataclass(frozen=True)
class Store:
    """One store: its file's name, modules to have imported, how one is opened and filled, and the ways to ask it.

    `open(waits)` gives what the looks are called with, in an awaitable where it `waits`; it is asked for once a side.
    """

    name: str
    modules: tuple[str, ...]
    open: Callable[[bool], Any]
    looks: dict[str, Look]
    told: dict[str, Any]
    sides: tuple[bool, ...] = (False, True)
    deaf: tuple[str, ...] = ()  # loggers of the store's own that say when something happened


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread a test over the looks and the sides of its store."""
    store = getattr(metafunc.cls, "store", None)
    if store is None:
        return
    if "look" in metafunc.fixturenames:
        found = [(name, side) for name, look in store.looks.items() for side in store.sides if side in look.sides]
        metafunc.parametrize(("look", "waits"), found, ids=[f"{name}-{_side(side)}" for name, side in found])
    elif "waits" in metafunc.fixturenames:
        metafunc.parametrize("waits", store.sides, ids=map(_side, store.sides))


def _side(waits: bool) -> str:
    return "async" if waits else "sync"


class Held:
    """The stores that are open, one a side, and the loop that the asynchronous ones live in."""

    def __init__(self, loop: asyncio.Runner) -> None:
        self.loop = loop
        self._open: dict[Any, Any] = {}

    def give(self, store: Store, waits: bool) -> Any:
        for module in store.modules:
            importlib.import_module(module)
        key = store.open, waits
        if key not in self._open:
            self._open[key] = self.run(partial(store.open, waits), waits)
        return self._open[key]

    def run(self, call: Callable[[], Any], waits: bool) -> Any:
        """Call as an app of either kind would."""
        return self.loop.run(_awaited(call), context=copy_context()) if waits else call()

    def sight(self, call: Callable[[], Any], waits: bool, deaf: tuple[str, ...] = ()) -> Sighted:
        """Call, and write down all that is to be seen of it."""
        sighted, before, logs = Sighted(), current(), []
        with listening(logs):
            try:
                thing = self.run(call, waits)
                sighted.steps.append(see(plainly(thing)))
                sighted.afterwards = anatomy(thing)
            except (Exception, asyncio.CancelledError) as error:
                sighted.error = see(error)
            assert current() == before, "something of ours is still current"
        sighted.logs = [one for one in logs if not one[0].startswith(deaf or ("-",))]
        return sighted


async def _awaited(call: Callable[[], Any]) -> Any:
    return await got(call())


def plainly(thing: Any) -> Any:
    """Give arrays, tables and frames as Python's own values beside their types, since they do not compare as these do."""
    for name in ("to_pydict", "to_pylist", "tolist", "to_dict"):
        if hasattr(thing, name) and not isinstance(thing, type):
            return [type(thing).__qualname__, plainly(getattr(thing, name)())]
    if type(thing) in (list, tuple):
        return type(thing)(map(plainly, thing))
    return {key: plainly(value) for key, value in thing.items()} if type(thing) is dict else thing


class Stores:
    """The tests that a store's test class inherits; the class sets `store`."""

    store: ClassVar[Store]

    def _sight(self, held: Held, name: str, waits: bool, text: str) -> Sighted:
        look, store = self.store.looks[name], held.give(self.store, waits)
        return held.sight(lambda: look.call(store, text), waits, self.store.deaf)

    def _sight_anew(self, held: Held, name: str, waits: bool) -> Sighted:
        scope.TRAIL.set(None)  # as in a context that has retrieved nothing yet
        return self._sight(held, name, waits, "query")

    def test_same_and_told_once(self, look: str, waits: bool, held: Held, arm: Arm) -> None:
        """Nothing differs, and one record says what was found."""
        asked = self.store.looks[look]
        bare = self._sight(held, look, waits, canary("query"))
        recorded = arm()
        again = self._sight(held, look, waits, canary("query"))
        same(bare, again)
        assert not guard.lost
        (told,) = recorded.retrievals
        expected = {**self.store.told, **asked.told}
        assert {name: _round(getattr(told, name)) for name in expected} == expected
        assert told.error_type == asked.error
        assert told.client == self.store.name
        assert told.name == ("retrieval" if told.source is None else f"retrieval {told.source}")
        assert told.duration_s > 0
        assert MARK not in repr([recorded.attributes(one) for one in recorded])
        assert len(recorded) == 1

    def test_every_function_of_ours_may_raise(self, waits: bool, held: Held, tmp_path: Path) -> None:
        """Whatever of ours fails in a look-up, the app sees the same and the loss is counted."""
        wrong = []
        for name in _first(self.store, waits, failing=False), _first(self.store, waits, failing=True):
            sight = partial(self._sight_anew, held, name, waits)
            bare = sight()
            with armed(settings(tmp_path)) as counted:
                wrong += survive(sight, bare, counted)
        assert not wrong, "\n".join(wrong)

    def test_each_has_its_own(self, waits: bool, held: Held, arm: Arm) -> None:
        """Fifty at once, in tasks or threads: each under its own span, and nothing of ours is anyone's parent."""
        store, looks = held.give(self.store, waits), [one for one in self.store.looks.values() if _works(one, waits)]

        async def one(number: int, spans: Any) -> None:
            with spans.request():
                await got(looks[number % len(looks)].call(store, "query"))

        async def all_at_once(spans: Any) -> None:
            await asyncio.gather(*(one(number, spans) for number in range(50)))

        with app_provider() as spans:
            arm()
            if waits:
                held.loop.run(all_at_once(spans))
            else:
                with ThreadPoolExecutor(8) as pool:
                    list(pool.map(lambda number: at_once(one(number, spans)), range(50)))
            assert parents(spans)["request"] == 50

    def test_cancelled(self, held: Held, arm: Arm) -> None:
        """A task that is cancelled while it waits ends alike, and the look-up is told."""
        if True not in self.store.sides:
            return
        name = _first(self.store, waits=True, failing=False)
        store = held.give(self.store, waits=True)
        call = partial(self.store.looks[name].call, store, "query")
        bare = held.sight(lambda: _cancelled(call), True, self.store.deaf)
        recorded = arm()
        same(bare, held.sight(lambda: _cancelled(call), True, self.store.deaf))
        (told,) = recorded.retrievals
        assert told.error_type == (None if bare.error is None else "cancelled")

    def test_patched_places_look_as_before(self, held: Held, arm: Arm) -> None:
        """What we patch keeps its name, signature and kind, and is put back."""
        for waits in self.store.sides:  # some load what they are made of with the first look-up
            self._sight(held, _first(self.store, waits, failing=False), waits, "query")
        assert look_as_before(arm, self.store.name)

    def test_the_call_that_follows_knows_what_fed_it(
        self, waits: bool, held: Held, provider: Provider, arm: Arm
    ) -> None:
        """What was retrieved is on the next model call, and on no other; inside the app's own retrieval it is one."""
        store, look = held.give(self.store, waits), self.store.looks[_first(self.store, waits, failing=False)]
        asks = openai.AsyncOpenAI if waits else openai.OpenAI
        client = asks(base_url=provider.openai_url, api_key="test")

        async def answer() -> None:
            message = [{"role": "user", "content": "How are you?"}]
            scope.trail().clear()
            await got(look.call(store, "query"))
            await got(client.chat.completions.create(model="gpt-4o-mini", messages=message))
            await got(client.chat.completions.create(model="gpt-4o-mini", messages=message))
            with tellmetry.retrieval("shelf"):
                await got(look.call(store, "query"))
            await got(client.chat.completions.create(model="gpt-4o-mini", messages=message))

        recorded = arm()
        held.loop.run(answer(), context=copy_context()) if waits else copy_context().run(at_once, answer())
        count = look.told["count"]
        assert [call.retrieval_count for call in recorded.calls] == [count, None, count]
        asked, own = recorded.retrievals
        assert (own.source, own.provider, own.count) == ("shelf", asked.provider, count)
        assert (own.top_score, own.sources, own.client) == (asked.top_score, asked.sources, asked.client)

    def test_nothing_private_leaves(self, held: Held, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """No query, document, metadata, filter or error text: not in the store, a log or a span."""
        loud = (self.store.name, *self.store.deaf)
        told, spans = silence(lambda: self._sing(held), tmp_path, loud, capfd)
        assert told.count(names.CLIENT) >= len(self.store.looks)
        assert len(spans.ours) >= len(self.store.looks)

    def _sing(self, held: Held) -> None:
        for name, look in self.store.looks.items():
            for waits in self.store.sides:
                if waits in look.sides:
                    self._sight(held, name, waits, canary("query"))


def _round(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _works(look: Look, waits: bool) -> bool:
    return look.error is None and waits in look.sides


def _first(store: Store, waits: bool, failing: bool) -> str:
    """Name the first look that works, or that fails."""
    return next(name for name, look in store.looks.items() if (look.error is not None) == failing and waits in look.sides)


async def _cancelled(call: Callable[[], Any]) -> Any:
    task = asyncio.ensure_future(_awaited(call))
    await asyncio.sleep(0)
    task.cancel()
    return await task


@pytest.fixture(scope="module")
def held() -> Iterator[Held]:
    """Stores that are open while one module's tests run."""
    with asyncio.Runner() as loop:
        yield Held(loop)


__all__ = ("DOCUMENTS", "METADATA", "SOURCE", "VECTORS", "Look", "Store", "Stores", "held", "pytest_generate_tests")
