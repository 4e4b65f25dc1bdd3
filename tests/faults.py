"""Faults in our own code: find every function of ours that a call runs through, and make one of them raise."""

from __future__ import annotations

import contextlib
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import injection
from driving import Mode
from injection import Fault, Injector, name, reached
from judging import same

from tellmetry import boot, emit, guard, prices
from tellmetry.emit import worker
from tellmetry.settings import Settings

# What stands in for functions that are not ours: each only calls what is guarded and what would have been called anyway.
# The last four undo what was done, and nothing can undo it for them.
STAND_INS = {
    "engine.traced:traced.<locals>.wrapper", "engine.traced:_awaited",
    "engine.stream:WatchedIterator.__iter__", "engine.stream:WatchedIterator._steps",
    "engine.stream:WatchedIterator.__next__",
    "engine.stream:WatchedAsyncIterator.__aiter__", "engine.stream:WatchedAsyncIterator._steps",
    "engine.stream:WatchedAsyncIterator.__anext__",
    "engine.body:Body.__class__", "engine.body:Body.__getattr__", "engine.body:Body.__iter__",
    "engine.body:Body.__aiter__", "engine.body:Body.close", "engine.body:Body.aclose",
    "engine.raw:Heard.__iter__", "engine.raw:Heard.__aiter__", "engine.raw:Ear.__enter__",
    "engine.native:silent", "engine.native:unwritten", "engine.native:disabled.<locals>.quiet",
    "engine.native:switch.<locals>.is_on", "engine.patch:_wrapped.<locals>.inside",
    "engine.native:switch.<locals>.turn", "engine.current:carried.<locals>.carrying",
    "engine.traced:heard.<locals>.wrapper", "engine.traced:_heard_later",
    "engine.traced:Around.__enter__", "engine.traced:Around.__exit__",
    "emit.spans:_Mine.get_span_context",
    "clients.checking:given.<locals>.wrapper", "clients.guardrails_ai:_enter_empty_context",
    "clients.guardrails_ai:_enter_thread", "clients.guardrails_ai:_Carried.__getattr__",
    "clients.listening:sent", "clients.listening:waited", "clients.listening:answered",
    "clients.listening:exchanged", "clients.listening:refused", "clients.listening:slept",
    "clients.stepping:_step.<locals>.step", "clients.stepping:close", "clients.stepping:_original",
    "clients.stepping:_Steps.__next__", "clients.stepping:_Steps.__anext__",
    "clients.bedrock:_parse",
    "clients.stainless:_hear_answer", "clients.stainless:_hear_refusal", "clients.stainless:_hear_parsing",
    "clients.lancedb:_made",
    "emit.courier:Courier._run",
    "engine.generators:_leave",
    "engine.generators:watch_generator", "engine.generators:watch_async_generator",
    "engine.traced:leave", "engine.current:Current.leave", "engine.runs:Runs.end", "engine.runs:Runs._forget",
}  # fmt: skip


# What becomes of a record that has ended is the same for every client: it is tried with the thorough ones.
ALIKE = ("emit", "prices")

# What runs when the thread comes to it, when the list is not loaded yet, or when nobody holds a stream any more.
LATER = ("emit", "prices", "engine.stream:_Watch.__del__")


def settings(store: Path) -> Settings:
    """Give settings as in production, but hasty."""
    return Settings(mode="local", store=store, flush_s=0.01, exit_s=0.2)


@contextlib.contextmanager
def armed(read: Settings) -> Iterator[Counter[str]]:
    """Arm as in production, where errors are counted and a thread writes to the store; give the count."""
    counted: Counter[str] = Counter()
    lose = guard.lose
    anew()  # a stream of an earlier test may have ended late, and begun a queue of its own
    guard.lose = lambda stage, *rest, **more: counted.update([stage])  # type: ignore[assignment]
    prices.preload()
    boot.enable(read)
    emit.start(read)
    try:
        yield counted
    finally:
        anew()
        boot.disarm()
        guard.lose = lose
        guard.forget()


def anew() -> None:
    """Empty the queue, end the thread and forget both, as a fork does, so that the next record starts from nothing."""
    worker.leave()
    worker._in_child()


def kinds(subject: Any) -> dict[str, tuple[Mode, str, bool]]:
    """Choose the calls that faults are tried on, of those that a client has: mode, ask, and whether it is the async one.

    Every kind of them for a `thorough` subject, a plain one and a streamed one for the others: the engine is the same.
    """
    plain, first, last = subject.together()[0], subject.sides[0], subject.sides[-1]
    raw = [mode for mode in subject.modes.values() if mode.streams and mode.raw]
    found = {"plain": (plain, "How are you?", first)}
    if subject.thorough:
        found["refused"] = (plain, "[[status=400]] How are you?", first)
    for side in subject.sides if subject.thorough else (last,):
        found["async streamed" if side else "streamed"] = (subject.streamed(), "[[chunks=3]] How are you?", side)
    return found | ({"bytes": (raw[0], "[[chunks=3]] How are you?", last)} if raw and subject.thorough else {})


def survive(
    run: Callable[[], Any],
    bare: Any,
    counted: Counter[str],
    prepare: Callable[[], Any] = gc.collect,
    timed: bool = False,
    stand_ins: frozenset[str] = frozenset(),
    thorough: bool = False,
    among: Callable[[], Any] | None = None,
) -> Iterator[str]:
    """Make each function of ours that runs raise in turn; tell which of them the app noticed, or nobody counted.

    With `among` only those that run in this part of it.
    """
    prepare()
    found = reached(lambda: ((among or run)(), time.sleep(0.1)))  # the thread sends meanwhile
    anew()
    injector = Injector()
    for code in [one for one in found if _is_tried(name(one), STAND_INS | stand_ins, thorough)]:
        injection.hits = 0
        counted.clear()
        injector.forget()
        prepare()
        with injector.fault(code):
            noticed = _notices(run, bare, timed)
            with contextlib.suppress(Fault):
                emit.flush(0.2)
        anew()
        if noticed:
            yield f"{name(code)}: {noticed}"
        elif not injection.hits and not name(code).startswith(LATER):
            yield f"{name(code)}: did not run"
        elif injection.hits and not counted:
            yield f"{name(code)}: nothing was counted"


def _is_tried(function: str, stand_ins: set[str], thorough: bool) -> bool:
    return function not in stand_ins and (thorough or not function.startswith(ALIKE))


def _notices(run: Callable[[], Any], bare: Any, timed: bool) -> str | None:
    try:
        same(bare, copy_context().run(run), timed)
    except (Exception, AssertionError) as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return None
