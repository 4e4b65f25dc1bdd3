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
    "engine.stream:WatchedIterator.__iter__", "engine.stream:WatchedIterator.__next__",
    "engine.stream:WatchedAsyncIterator.__aiter__", "engine.stream:WatchedAsyncIterator.__anext__",
    "engine.body:Body.__class__", "engine.body:Body.__getattr__", "engine.body:Body.__iter__",
    "engine.body:Body.__aiter__", "engine.body:Body.close", "engine.body:Body.aclose",
    "engine.raw:Heard.__iter__", "engine.raw:Heard.__aiter__", "engine.raw:Ear.__enter__",
    "engine.native:silent", "clients.listening:sent", "clients.listening:waited",
    "clients.stainless:_hear_answer", "clients.stainless:_hear_refusal", "clients.stainless:_hear_parsing",
    "emit.courier:Courier._run",
    "engine.traced:leave", "engine.current:Current.leave", "engine.runs:Runs.end", "engine.runs:Runs._forget",
}  # fmt: skip


def settings(store: Path) -> Settings:
    """Give settings as in production, but hasty."""
    return Settings(mode="local", store=store, flush_s=0.01, exit_s=0.2)


@contextlib.contextmanager
def armed(read: Settings) -> Iterator[Counter[str]]:
    """Arm as in production, where errors are counted and a thread writes to the store; give the count."""
    counted: Counter[str] = Counter()
    lose = guard.lose
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


KINDS = ("plain", "refused", "streamed", "async streamed", "bytes")


def kinds(subject: Any) -> dict[str, tuple[Mode, str, bool]]:
    """Choose the calls that faults are tried on: mode, ask, and whether the client is the async one."""
    plain = subject.modes[subject.crowd[0]]
    streamed = next(mode for mode in subject.modes.values() if mode.streams and not mode.inside)
    raw = next((mode for mode in subject.modes.values() if mode.streams and mode.raw), streamed)
    return {
        "plain": (plain, "How are you?", False),
        "refused": (plain, "[[status=400]] How are you?", False),
        "streamed": (streamed, "[[chunks=3]] How are you?", False),
        "async streamed": (streamed, "[[chunks=3]] How are you?", True),
        "bytes": (raw, "[[chunks=3]] How are you?", True),
    }


def survive(
    run: Callable[[], Any],
    bare: Any,
    counted: Counter[str],
    prepare: Callable[[], None] = gc.collect,
    stand_ins: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Make each function of ours that runs raise in turn; tell which of them the app noticed, or nobody counted."""
    prepare()
    found = reached(lambda: (run(), time.sleep(0.1)))  # the thread sends meanwhile
    anew()
    injector = Injector()
    for code in [one for one in found if name(one) not in STAND_INS | stand_ins]:
        injection.hits = 0
        counted.clear()
        injector.forget()
        prepare()
        with injector.fault(code):
            noticed = _notices(run, bare)
            with contextlib.suppress(Fault):
                emit.flush(0.2)
        anew()
        if noticed:
            yield f"{name(code)}: {noticed}"
        elif not injection.hits and not name(code).startswith(("emit", "prices")):  # the thread's turn, the loaded list
            yield f"{name(code)}: did not run"
        elif injection.hits and not counted:
            yield f"{name(code)}: nothing was counted"


def _notices(run: Callable[[], Any], bare: Any) -> str | None:
    try:
        same(bare, copy_context().run(run))
    except (Exception, AssertionError) as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return None
