"""What a client's test declares, and what is done to every client: scenarios of the provider, the app and the network."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from driving import Mode, Turn

from tellmetry.demo.provider import Provider


Case = tuple[str, str, bool]  # mode, scenario, and whether the client is the async one
SIDES = {False: "sync", True: "async"}


class Options(NamedTuple):
    """How a client is built: the most seconds it waits for bytes, and its retries."""

    timeout_s: float = 10.0
    retries: int = 0


@dataclass(frozen=True)
class Subject:
    """One client: the modules to have imported, how it is built (`waits`: the async one), and the ways to call it.

    `name` is its file's name. `private` are calls that hand over all that is private: tools, results, headers, metadata.
    `crowd` are the modes that many tasks and threads use at once, plain and streamed ones; all where none are named.
    Modes that are `alike` take the same way as others, with another format: they are put in a few scenarios only.

    What a client is not able to do is declared: the `sides` that it has (True is async); how a stream ends that is
    `dropped` (nobody can tell whether a generator was closed or dropped); whether its answers are `timed`, so that no two
    are the same; and whether it holds its own methods from the start, so that it must be built anew to be armed
    (`fresh`). `thorough` is whether faults of ours are tried on every kind of call. What it `lacks` are scenarios that it cannot be put in (`scenario`, `scenario sync`, `mode scenario`, and
    the contract's own), good answers whose HTTP status it does not show (`status`, `mode status`) and faults that it does
    not notice itself (`mode scenario noticed`).
    """

    modules: tuple[str, ...]
    build: Callable[[Provider, bool, Options], Any]
    modes: dict[str, Mode]
    name: str = ""
    crowd: tuple[str, ...] = ()
    private: tuple[Mode, ...] = ()
    alike: tuple[str, ...] = ()
    sides: tuple[bool, ...] = (False, True)
    lacks: frozenset[str] = frozenset()
    dropped: str = "abandoned"
    timed: bool = False
    fresh: bool = False
    thorough: bool = False

    def client(self, provider: Provider, waits: bool, options: Options = Options()) -> Any:
        """Give a client, the same one for the same question."""
        for module in self.modules:
            importlib.import_module(module)
        return (_built.__wrapped__ if self.fresh else _built)(self.build, provider, waits, options)

    def new_client(self, provider: Provider, waits: bool) -> Any:
        """Give a client that nobody has used."""
        return _built.__wrapped__(self.build, provider, waits, Options())

    @property
    def packages(self) -> set[str]:
        """Name the packages that the client is made of."""
        return {module.partition(".")[0] for module in self.modules} | {self.name}

    def together(self) -> list[Mode]:
        """Give the modes of the crowd."""
        return [self.modes[name] for name in self.crowd or self.modes]

    def streamed(self) -> Mode:
        """Give a mode that streams and is left by dropping it."""
        return next(mode for mode in self.modes.values() if mode.streams and not mode.inside)

    def can(self, *words: str) -> bool:
        """Tell whether the client can be put in a situation: none of these words is among what it lacks."""
        return self.lacks.isdisjoint(words)


@functools.cache
def _built(build: Callable[..., Any], provider: Provider, waits: bool, options: Options) -> Any:
    return build(provider, waits, options)


@dataclass(frozen=True)
class Scenario:
    """What happens: a directive to the provider, a turn of the app's, how the client is built, how a stream ends.

    `ending` None: as the mode is left, `closed` by its `with` or else `abandoned`.
    """

    says: str = ""
    turn: Turn | None = None
    options: Options = field(default=Options())
    ending: str | None = "completed"
    waits: bool = False  # happens to async clients only


ANYWHERE = {
    "plain": Scenario(),
    "bad request": Scenario("[[status=400]]", ending="failed"),
    "wrong key": Scenario("[[status=401]]", ending="failed"),
    "not found": Scenario("[[status=404]]", ending="failed"),
    "rate limited": Scenario("[[status=429]]", ending="failed"),
    "server error": Scenario("[[status=500]]", ending="failed"),
    "retried": Scenario("[[status=429 times=2 retry_after_ms=3]]", options=Options(retries=2)),
    "given up": Scenario("[[status=503 retry_after_ms=3]]", options=Options(retries=1), ending="failed"),
    "hung up": Scenario("[[cut_after=0]]", ending="failed"),
    "timeout": Scenario("[[slow=5]]", options=Options(timeout_s=0.2), ending="failed"),
    "malformed": Scenario("[[malformed]]", ending="failed"),
    "cancelled waiting": Scenario("[[slow=5]]", Turn(0, "cancel"), ending="cancelled", waits=True),
}
STREAMED = {
    "closed": Scenario("[[chunks=9]]", Turn(2, "close"), ending="closed"),
    "left": Scenario("[[chunks=9]]", Turn(2, "leave"), ending=None),
    "app raises": Scenario("[[chunks=9]]", Turn(2, "raise"), ending=None),
    "cut": Scenario("[[chunks=9 cut_after=3]]", ending="failed"),
    "reset": Scenario("[[chunks=9 cut_after=3 reset]]", ending="failed"),
    "error event": Scenario("[[chunks=9 error_event=3]]", ending="failed"),
    "stalled": Scenario("[[chunks=9 hold_after=3]]", options=Options(timeout_s=0.2), ending="failed"),
    "cancelled": Scenario("[[chunks=9 hold_after=3]]", Turn(2, "cancel", after_s=0.3), ending="cancelled", waits=True),
}
SCENARIOS = {**ANYWHERE, **STREAMED}
FEW = ("plain", "bad request", "malformed", "left", "app raises")


def cases(subject: Subject) -> list[Case]:
    """List what fits."""
    return [
        (mode, name, waits)
        for mode, used in subject.modes.items()
        for name, scenario in SCENARIOS.items()
        for waits in subject.sides
        if (waits or not scenario.waits)
        and (used.streams or name in ANYWHERE)
        and (mode not in subject.alike or name in FEW)
        and subject.can(name, f"{name} {SIDES[waits]}", f"{mode} {name}")
    ]
