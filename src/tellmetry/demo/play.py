"""One run of the demo: a provider, Acme's unchanged programs against it, and what each side made of it."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tellmetry.demo import child
from tellmetry.demo.account import Account, billed, recorded
from tellmetry.demo.day.case import Says
from tellmetry.demo.day.queue import Job
from tellmetry.demo.follow import Follower
from tellmetry.demo.provider import Provider
from tellmetry.emit import spool
from tellmetry.emit.spans import Finished
from tellmetry.emit.trouble import Trouble

_SETTLED_S = 20.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be played."""

    jobs: Iterable[Job]
    rules: tuple[Says, ...]
    store: Path
    is_sent: bool = False
    """Whether the spans go on to the OTLP endpoint as well."""
    has_plain: bool = True
    """Whether the plain script runs before the worker."""


@dataclass(slots=True)
class Played:
    """What came of it."""

    account: Account
    files: list[Path]
    seconds: float
    results: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    """What tellmetry had to say on the programs' stderr."""
    sent_to: str | None = None
    sent: int = 0
    trouble: Trouble | None = None

    def spans(self) -> Iterator[Finished]:
        """Give the spans of this run."""
        return _spans(self.files)


def play(scene: Scene, tell: Callable[[int], None] = lambda _done: None) -> Played:
    """Play a scene; `tell` hears how many jobs are done."""
    before = set(spool.files(scene.store))
    began = time.monotonic()
    with Provider() as provider, contextlib.ExitStack() as ways:
        for says in scene.rules:
            provider.script(says.directive, **says.match)
        follower = ways.enter_context(Follower(scene.store)) if scene.is_sent else None
        said, results = _run(scene, child.environment(provider, scene.store), tell)
        if not provider.bill.settled(_SETTLED_S):
            raise child.ChildError("the provider still has open requests although the programs have ended")
        ways.close()
        bill = billed(provider.bill)
    files = [path for path in spool.files(scene.store) if path not in before]
    played = Played(Account(bill, recorded(_spans(files))), files, time.monotonic() - began, results, said)
    if follower is not None:
        played.sent_to, played.sent, played.trouble = follower.url, follower.sent, follower.trouble
    return played


def _run(scene: Scene, env: dict[str, str], tell: Callable[[int], None]) -> tuple[list[str], Counter[str]]:
    with contextlib.ExitStack() as ends:
        plain = child.Script(env) if scene.has_plain else None
        if plain is not None:
            ends.callback(plain.stop)
        worker = child.Worker(env, tell)
        ends.callback(worker.stop)
        worker.feed(scene.jobs)
        said = worker.finish()
        return [*said, *(plain.finish() if plain is not None else ())], worker.results


def _spans(files: list[Path]) -> Iterator[Finished]:
    for path in files:
        for told, _ in spool.read_file(path):
            yield from told
