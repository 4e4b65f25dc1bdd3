"""The contract for clients beyond the first two: every scenario bare and instrumented, against their own wire format.

It differs from `contract` in what it may ask: not every client shows its answers' status or can be asynchronous.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from contract import ANYWHERE, SCENARIOS, Subject, same
from crowd import in_tasks, in_threads, parents
from driving import App, Mode
from places import appearance
from providers import Many
from recording import Recording
from tracing import app_provider

from tellmetry import boot, guard
from tellmetry.record import ModelCall

CANARY = "canary-7f3a"
_DEAF = ("LiteLLM", "urllib3")


@dataclasses.dataclass(frozen=True)
class Client(Subject):
    """A client with its limits: `sides` it has (async is True), scenarios it cannot be put in, whether it can close."""

    sides: tuple[bool, ...] = (False, True)
    lacks: frozenset[str] = frozenset()
    timed: bool = False  # whether its answers say how long they took
    fresh: bool = False  # whether it holds its own methods from the start, so that it must be built armed

    def build_for(self, app: App, scenario: str, waits: bool) -> Any:
        """Give a client as the scenario wants it."""
        options = SCENARIOS[scenario].options
        return (self.build if self.fresh else self.client)(app.provider, waits, options)


def cases(client: Client) -> list[tuple[str, str, bool]]:
    """List what fits: mode, scenario, side."""
    return [
        (mode, name, waits)
        for mode, used in client.modes.items()
        for name, scenario in SCENARIOS.items()
        for waits in client.sides
        if (waits or not scenario.waits)
        and (used.streams or name in ANYWHERE)
        and name not in client.lacks
        and f"{name} {'async' if waits else 'sync'}" not in client.lacks
        and f"{mode} {name}" not in client.lacks
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread the test over the cases of its client."""
    if "scene" in metafunc.fixturenames:
        found = cases(metafunc.cls.client)
        names = [f"{mode}-{scenario}-{'async' if waits else 'sync'}" for mode, scenario, waits in found]
        metafunc.parametrize("scene", found, ids=names)


class Breadth:
    """The tests that a client's test class inherits; the class sets `client`."""

    client: ClassVar[Client]

    def test_same_and_told_once(self, scene: tuple[str, str, bool], many: App, arm: Callable[[], Recording]) -> None:
        mode, scenario, waits = self.client.modes[scene[0]], SCENARIOS[scene[1]], scene[2]
        ask = f"{scenario.says} How are you? {CANARY}"
        bare = many.run(mode, self.client.build_for(many, scene[1], waits), ask, waits, scenario.turn)
        recorded = arm()
        armed = many.run(mode, self.client.build_for(many, scene[1], waits), ask, waits, scenario.turn)
        many.loop.run(ticks())  # generators inside generators are closed one after the other
        same(*(seen(one, self.client.timed) for one in (bare, armed)))
        assert not guard.lost
        judge(self.client, mode, many, recorded)
        for record in recorded:
            assert CANARY not in repr(recorded.attributes(record)), "content left"

    @pytest.mark.parametrize("reader", ("request", "reply", "chunk"))
    def test_broken_reader(self, reader: str, many: App, arm: Callable[[], Recording], monkeypatch: Any) -> None:
        """A reader of ours that raises changes nothing for the app."""
        for name, mode in self.client.modes.items():
            waits = self.client.sides[-1]
            bare = many.run(mode, self.client.build_for(many, "plain", waits), "How are you?", waits)
            recorded = arm()
            guard.strict = False
            from tellmetry.engine.call import Call

            def broken(*args: Any) -> Any:
                raise RuntimeError("ours")

            with monkeypatch.context() as patched:
                for wire in wires():
                    if hasattr(wire, reader):
                        patched.setattr(wire, reader, broken)
                armed = many.run(mode, self.client.build_for(many, "plain", waits), "How are you?", waits)
            same(*(seen(one, self.client.timed) for one in (bare, armed)))


    @pytest.mark.parametrize("waits", (False, True), ids=("threads", "tasks"))
    def test_each_has_its_own(self, waits: bool, many: App, arm: Callable[[], Recording]) -> None:
        """Forty at once: each call under the span of its own task or thread, and nothing of ours is anyone's parent."""
        if waits not in self.client.sides:
            return
        modes = list(self.client.modes.values())
        with app_provider() as spans:
            arm()
            built = self.client.build_for(many, "plain", waits)
            if waits:
                many.loop.run(in_tasks(40, modes, built, spans))
            else:
                in_threads(40, modes, built, spans)
            assert parents(spans) == {"request": 40, "chunk": len(spans.named("chunk"))}

    def test_patched_places_look_as_before(self, many: App, arm: Callable[[], Recording]) -> None:
        """What we patch keeps its name, signature and kind, and is put back."""
        name = self.client.name
        self.client.build_for(many, "plain", False)
        bare = appearance(name)
        assert bare
        arm()
        assert appearance(name) == bare
        boot.disarm()
        assert appearance(name) == bare


def seen(sighted: Any, timed: bool) -> Any:
    """Leave out what threads of a client log, and where its answers are `timed` the seconds that something took."""
    logs = [one for one in sighted.logs if one[0].partition(".")[0] not in _DEAF]
    if not timed:
        return dataclasses.replace(sighted, logs=logs)
    return dataclasses.replace(sighted, logs=logs, steps=_whole(sighted.steps), error=_whole(sighted.error))


def _whole(thing: Any) -> Any:
    if isinstance(thing, (list, tuple)):
        return type(thing)(map(_whole, thing))
    if isinstance(thing, str):
        return re.sub(r"time taken=[0-9.]+", "time taken", thing)
    return "<time>" if isinstance(thing, float) else thing


async def ticks() -> None:
    """Let the loop finish what it has begun."""
    for _ in range(5):
        await asyncio.sleep(0)


def wires() -> list[Any]:
    """Every reader that there is."""
    import pkgutil

    import tellmetry.wire

    found = [__import__(f"tellmetry.wire.{one.name}", fromlist=["x"]) for one in pkgutil.iter_modules(tellmetry.wire.__path__)]
    from tellmetry.wire.litellm import Translated

    return [*(module for module in found if hasattr(module, "OPERATION")), Translated]


def judge(client: Client, mode: Mode, app: App, recorded: Recording) -> None:
    """Hold what was recorded against what the provider and the app know."""
    late = time.monotonic() + 2
    while not recorded.calls and time.monotonic() < late:
        time.sleep(0.01)  # a client's own thread may hold its stream a little longer,
        gc.unfreeze()  # and have it frozen as a survivor
    calls, bill = recorded.calls, app.provider.bill.total()
    assert len(calls) == (mode.calls if app.raised is None else 1)
    assert sum(call.attempts or 0 for call in calls) == bill.received
    for call in calls:
        assert call.duration_s > 0
        _judge_ending(mode, app, call)
    statuses = [int(status) for status in bill.failed if status.isdigit()]
    refused = app.raised is not None and statuses and not bill.answered
    limited = sum(call.rate_limited or 0 for call in calls)
    assert limited == bill.failed["429"]
    assert calls[-1].http_status in ((max(statuses),) if refused else (200, None))
    if bill.complete.calls and mode.tells and app.raised is None and not any(call.ending in ("closed", "abandoned") for call in calls):
        assert sum(call.input_tokens or 0 for call in calls) == bill.complete.input
        assert sum(call.output_tokens or 0 for call in calls) == bill.complete.output
        assert not any(call.estimated for call in calls)


def _judge_ending(mode: Mode, app: App, call: ModelCall) -> None:
    raised = app.raised
    own = raised is None or raised is ZeroDivisionError
    if raised is asyncio.CancelledError:
        assert call.error_type == "cancelled"
    else:
        assert call.error_type == (None if own else raised.__qualname__)
    if not mode.streams:
        assert call.ending is None
    elif raised is asyncio.CancelledError:
        assert call.ending == "cancelled"
    else:
        assert call.ending in (("completed", "closed", "abandoned") if own else ("failed",))


@pytest.fixture(scope="session")
def many() -> Iterator[App]:
    """An app's event loop, and a provider of every format."""
    with Many() as provider, asyncio.Runner() as loop:
        yield App(provider, loop)


__all__ = ("Breadth", "Client", "Mode", "many", "pytest_generate_tests")
