"""The contract of frameworks: what they run is told as one tree, what it costs once, and the app never notices.

A framework's test declares a `Framework` and inherits these tests. Each use runs bare and instrumented against the same
provider; what is recorded must be the tree that the use declares, and its calls what the provider has billed.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import importlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

import pytest
from canaries import ASKS, MARK, silence
from driving import App, Mode, Turn, at_once, use
from faults import armed, settings, survive
from judging import same
from places import look_as_before
from recording import Recording
from tracing import AppSpans, app_provider

from tellmetry import guard, names
from tellmetry.demo.account import Account, billed
from tellmetry.demo.account import recorded as told
from tellmetry.emit import spans as emitted
from tellmetry.engine import runs
from tellmetry.record import Record

REFUSED = "[[status=400]]"
SLOW = "[[slow=1]]"
TASKS = 50


@dataclass(frozen=True)
class Use(Mode):
    """One way to use a framework, and the `tree` that it is told as: a line a record, children indented by two spaces.

    `ask` is what the app asks, with directives to the provider; `sides` are what it can be (async is True).
    """

    tree: str = ""
    ask: str = "How are you?"
    sides: tuple[bool, ...] = (False, True)
    breaks: bool = True  # whether the app sees an error when the provider refuses
    alone: bool = False  # whether it keeps what was said, so that two at once would hear each other


@dataclass(frozen=True)
class Framework:
    """A framework: its files in `clients/`, the modules to have imported, how an app's objects are built, its uses."""

    names: tuple[str, ...]
    modules: tuple[str, ...]
    build: Callable[[Any, bool], Any]
    uses: dict[str, Use]
    deaf: tuple[str, ...] = ()  # who logs from threads of their own, sooner or later
    talks: tuple[str, ...] = ()  # who else may log what it likes
    stand_ins: frozenset[str] = field(default=frozenset())  # our functions that stand in for the framework's own

    @property
    def loud(self) -> tuple[str, ...]:
        """Name the loggers that may say what they like: the framework's, and of what it is made."""
        return (*self.deaf, *self.talks, *self.names, *{module.partition(".")[0] for module in self.modules})

    def client(self, app: App, waits: bool) -> Any:
        """Give what the app holds, built once, bare, with everything imported that is patched."""
        for module in self.modules:
            importlib.import_module(module)
        return _built(self.build, app.provider, waits)


_built = functools.cache(lambda build, provider, waits: build(provider, waits))


def cases(framework: Framework, test: str) -> list[tuple[str, bool]]:
    """List the uses and their sides that a test can do something to: leave a stream, cancel what waits."""
    found = [(name, waits) for name, one in framework.uses.items() for waits in one.sides]
    if test == "test_left":
        return [(name, waits) for name, waits in found if framework.uses[name].streams]
    return [(name, waits) for name, waits in found if waits] if test == "test_cancelled" else found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread the tests over the uses of their framework."""
    if metafunc.cls is not None and "case" in metafunc.fixturenames:
        found = cases(metafunc.cls.framework, metafunc.function.__name__)
        metafunc.parametrize("case", found, ids=[f"{name}-{'async' if waits else 'sync'}" for name, waits in found])


class Contract:
    """The tests that a framework's test class inherits; the class sets `framework`."""

    framework: ClassVar[Framework]

    def _run(self, app: App, case: tuple[str, bool], says: str = "", turn: Turn | None = None) -> Any:
        used, waits = self.framework.uses[case[0]], case[1]
        client = self.framework.client(app, waits)
        sighted = app.run(used, client, f"{says} {used.ask} {MARK}", waits, turn)
        app.loop.run(_over())
        sighted.trouble = [one.partition("(")[0] for one in sighted.trouble]  # what follows has ids, cut somewhere
        sighted.logs = [one for one in sighted.logs if one[0] not in self.framework.deaf]
        return sighted

    def test_same_and_told_as_a_tree(self, case: tuple[str, bool], app: App, arm: Callable[[], Recording]) -> None:
        """Nothing differs; one record each says what was run, and our account is the provider's bill."""
        bare = self._run(app, case)
        recorded = arm()
        same(bare, self._run(app, case))
        assert app.raised is None
        assert tree(recorded) == self.framework.uses[case[0]].tree.strip("\n")
        fair(app, recorded)
        nothing_is_left(recorded)

    def test_refused(self, case: tuple[str, bool], app: App, arm: Callable[[], Recording]) -> None:
        """The app's error is the provider's, and everything that it passes through has ended."""
        bare = self._run(app, case, REFUSED)
        recorded = arm()
        same(bare, self._run(app, case, REFUSED))
        assert (app.raised is not None) == self.framework.uses[case[0]].breaks
        fair(app, recorded)
        nothing_is_left(recorded)

    def test_left(self, case: tuple[str, bool], app: App, arm: Callable[[], Recording]) -> None:
        """A stream that the app leaves after its first piece has ended with all that is around it."""
        bare = self._run(app, case, turn=Turn(1, "leave"))
        recorded = arm()
        same(bare, self._run(app, case, turn=Turn(1, "leave")))
        nothing_is_left(recorded)

    def test_cancelled(self, case: tuple[str, bool], app: App, arm: Callable[[], Recording]) -> None:
        """So has what the app cancels while the provider is thinking."""
        turn = Turn(0, "cancel", asks=SLOW)
        bare = self._run(app, case, SLOW, turn)
        recorded = arm()
        same(bare, self._run(app, case, SLOW, turn))
        assert app.raised is asyncio.CancelledError
        nothing_is_left(recorded)

    @pytest.mark.parametrize("waits", [False, True], ids=["threads", "tasks"])
    def test_each_has_its_own(self, waits: bool, app: App, arm: Callable[[], Recording]) -> None:
        """Fifty at once, in tasks or threads: each tree under the span of its own, and as large as it is alone."""
        uses = [(name, one) for name, one in self.framework.uses.items() if waits in one.sides and not one.alone]
        if not uses:
            return
        built = self.framework.client(app, waits)
        with app_provider() as spans:
            arm()
            turns = [uses[number % len(uses)][1] for number in range(TASKS)]
            app.loop.run(_in_tasks(turns, built, spans)) if waits else _in_threads(turns, built, spans)
            sizes = dict(_sizes(spans))
            assert [sizes[number] for number in range(TASKS)] == [one.tree.strip("\n").count("\n") + 1 for one in turns]

    @pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
    def test_every_function_of_ours_may_raise(self, waits: bool, app: App, tmp_path: Path) -> None:
        """Whatever of ours fails in a run, the app sees the same and the loss is counted."""
        uses = [name for name, one in self.framework.uses.items() if waits in one.sides]
        wrong: list[str] = []
        for name in {uses[0], uses[-1]} if uses else ():
            run = functools.partial(self._run, app, (name, waits))
            bare = run()
            with armed(settings(tmp_path)) as counted:
                wrong += survive(run, bare, counted, stand_ins=self.framework.stand_ins)
        assert not wrong, "\n".join(wrong)

    def test_nothing_private_leaves(self, app: App, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """No prompt, answer, argument, result, document, key, header or error text: not in the store, a log or a span."""
        told, spans = silence(functools.partial(self._sing, app), tmp_path, self.framework.loud, capfd)
        least = len(self.framework.uses) * len(ASKS)
        assert told.count(names.CLIENT) >= least
        assert len(spans.ours) >= least

    def _sing(self, app: App) -> None:
        for number, ask in enumerate(ASKS):
            for place, (name, one) in enumerate(self.framework.uses.items()):
                self._run(app, (name, one.sides[(number + place) % len(one.sides)]), ask)
                assert any(MARK in request.body.decode() for request in app.provider.requests)

    def test_patched_places_look_as_before(self, app: App, arm: Callable[[], Recording]) -> None:
        """What we patch keeps its name, signature and kind, and is put back."""
        self.framework.client(app, False)
        look_as_before(arm, *self.framework.names)


def tree(recorded: list[Record]) -> str:
    """Write what was recorded as a tree: span names in the order in which they began, children indented."""
    gc.collect()
    known = {record.span.span_id for record in recorded}
    begun = sorted(recorded, key=lambda record: record.started_ns)

    def lines(parent: int | None, depth: int) -> Iterator[str]:
        for record in begun:
            outer = record.span.parent_id if record.span.parent_id in known else None
            if outer == parent:
                yield "  " * depth + record.name
                yield from lines(record.span.span_id, depth + 1)

    return "\n".join(lines(None, 0))


def fair(app: App, recorded: list[Record]) -> None:
    """Hold our account of calls, tokens and dollars against the provider's bill."""
    account = Account(billed(app.provider.bill), told(map(emitted.finished, recorded)))
    assert list(account.differences()) == []


def nothing_is_left(recorded: Recording) -> None:
    """Nothing is open, nothing was lost, and nothing private was told."""
    late = time.monotonic() + 5
    while _open() and time.monotonic() < late:  # a thread that nobody waits for may still be at work
        gc.collect()
        time.sleep(0.01)
    assert not _open()
    assert not guard.lost
    for record in recorded:
        assert MARK not in repr(recorded.attributes(record)), "content left"


def _open() -> list[Any]:
    return [vars(table) for table in runs._tables if any(vars(table).values())]


_staying: WeakSet[asyncio.Task[Any]] = WeakSet()  # what nobody ends: a worker of a client's, a task that a library forgets


async def _over() -> None:
    """Let the loop finish what it has begun: generators inside generators are closed one after the other."""
    _staying.add(asyncio.current_task())  # type: ignore[arg-type]
    late = time.monotonic() + 2
    while (left := asyncio.all_tasks() - set(_staying)) and time.monotonic() < late:
        gc.collect()
        await asyncio.sleep(0.001)
    _staying.update(left)


async def _one(number: int, used: Use, client: Any, spans: AppSpans) -> None:
    with spans.request(f"request {number}"):
        async with aclosing(use(used, client, f"{used.ask} I am number {number}.")) as steps:
            async for _ in steps:
                pass


async def _in_tasks(turns: list[Use], client: Any, spans: AppSpans) -> None:
    await asyncio.gather(*(_one(number, used, client, spans) for number, used in enumerate(turns)))


def _in_threads(turns: list[Use], client: Any, spans: AppSpans) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(at_once, _one(number, used, client, spans)) for number, used in enumerate(turns)]:
            done.result()


def _sizes(spans: AppSpans) -> Iterator[tuple[int, int]]:
    """Count our spans under each of the app's requests, which every one of them must be under, directly or not."""
    known = {span.context.span_id: span for span in (*spans.ours, *spans.requests)}
    above: dict[int, int] = {}
    for span in spans.ours:
        outer = span
        while outer.instrumentation_scope.name != "app":
            assert outer.parent is not None and outer.parent.span_id in known, f"{span.name} stands alone"
            outer = known[outer.parent.span_id]
        above[outer.context.span_id] = above.get(outer.context.span_id, 0) + 1
    for span in spans.requests:
        yield int(span.name.split()[-1]), above.get(span.context.span_id, 0)
