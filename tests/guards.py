"""The contract for guardrail libraries: bare against instrumented, and each check told once, as what it came to.

It needs no provider: a test declares how an app checks something and what must be told of it, and inherits the rest.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import aclosing
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from canaries import MARK, silence
from crowd import in_tasks, in_threads, parents
from driving import Mode, Sighted, at_once, current, use
from faults import armed, settings, survive
from judging import same
from listening import listening
from places import look_as_before
from recording import Recording
from sighting import plain, see
from tracing import app_provider

from tellmetry import guard, names, scope

Arm = Callable[[], Recording]
_SECONDS = re.compile(r"\d+\.\d+(?= seconds)")


@dataclass(frozen=True)
class Check:
    """One way to check a text, and what it is told as.

    `call(kit, text)` gives a result, an awaitable or a stream. `calls` are the model calls inside, which are told too.
    """

    call: Callable[[Any, str], Any]
    text: str
    outcome: names.Outcome
    reason: str | None = None
    target: str | None = None
    waits: bool = False
    streams: bool = False
    raises: bool = False
    calls: int = 0

    @property
    def mode(self) -> Mode:
        return Mode(self.call, streams=self.streams)


@dataclass(frozen=True)
class Library:
    """One guardrail library: its file's name, how the app sets it up, the ways to check, the name of its checks.

    `deaf` are loggers that tell of the library's own tracing, `talks` those that may say what they like; `faulted` are
    the checks that faults of ours are tried on.
    """

    name: str
    build: Callable[[], Any]
    checks: dict[str, Check]
    guardrail: str
    deaf: tuple[str, ...] = ("opentelemetry",)
    talks: tuple[str, ...] = ()
    faulted: tuple[str, ...] = ()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread a test over the checks of its library."""
    if "check" in metafunc.fixturenames:
        library = metafunc.cls.library
        chosen = library.faulted if "raise" in metafunc.function.__name__ else ()
        found = {name: check for name, check in library.checks.items() if name in (chosen or library.checks)}
        metafunc.parametrize("check", found.values(), ids=found.keys())


class Guards:
    """The tests that a library's test class inherits; the class sets `library`."""

    library: ClassVar[Library]

    def heard(self, sighted: Sighted) -> Sighted:
        """Leave out what the library logs of its own tracing, which is silent while we tell, and how long it took."""
        logs = [entry for entry in sighted.logs if not entry[0].startswith(self.library.deaf)]
        sighted.logs = [(name, level, _SECONDS.sub("<seconds>", said)) for name, level, said in logs]
        return sighted

    def test_same_and_told_once(self, check: Check, kit: Any, loop: asyncio.Runner, arm: Arm) -> None:
        """The app sees the same, and one record says what came of the check: a class, never what was matched."""
        bare = run(check, kit, loop)
        recorded = arm()
        same(self.heard(bare), self.heard(run(check, kit, loop)))
        assert not guard.lost
        (told,) = recorded.guardrails
        assert (told.guardrail, told.outcome, told.reason) == (self.library.guardrail, check.outcome, check.reason)
        assert told.target == check.target
        assert told.client == self.library.name
        assert told.duration_s > 0
        assert len(recorded.calls) == check.calls

    def test_one_span_of_ours(self, check: Check, kit: Any, loop: asyncio.Runner, arm: Arm) -> None:
        """The app's own provider gets one span for a check, under the app's, and none of the library's own."""
        with app_provider() as spans:
            arm()
            with spans.request():
                run(check, kit, loop)
            (told,) = [span for span in spans.ours if span.attributes[names.OPERATION] == names.OP_GUARDRAIL]
            assert told.parent.span_id == spans.requests[0].context.span_id
            assert [span.name for span in spans.others] == []
            for call in spans.calls:
                assert call.parent.span_id == told.context.span_id

    def test_every_function_of_ours_may_raise(
        self, check: Check, kit: Any, loop: asyncio.Runner, tmp_path: Path
    ) -> None:
        """Whatever of ours fails in a check, the app sees the same and the loss is counted."""
        def again() -> Sighted:
            return self.heard(run(check, kit, loop))

        scope.trail()  # there from now on, in every copy of this context
        bare = again()
        with armed(settings(tmp_path)) as counted:
            wrong = [*survive(again, bare, counted)]
        assert not wrong, "\n".join(wrong)

    @pytest.mark.parametrize("waits", (False, True), ids=("threads", "tasks"))
    def test_each_has_its_own(self, waits: bool, kit: Any, loop: asyncio.Runner, arm: Arm) -> None:
        """Fifty at once: each check under the span of its own task or thread."""
        modes = [one.mode for one in self.library.checks.values() if one.waits is waits and not one.calls and not one.raises]
        if not modes:
            pytest.skip("the library has no such side")
        with app_provider() as spans:
            arm()
            if waits:
                loop.run(in_tasks(50, modes, kit, spans))
            else:
                in_threads(50, modes, kit, spans)
            assert parents(spans)["request"] == 50

    def test_nothing_private_leaves(
        self, kit: Any, loop: asyncio.Runner, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """No text that was checked, matched, put in its place or raised: not in the store, a log or a span."""
        sing = [partial(run, check, kit, loop, f"{check.text} {MARK}") for check in self.library.checks.values()]
        talking = (*self.library.deaf, *self.library.talks)
        told, spans = silence(lambda: [one() for one in sing], tmp_path, talking, capfd, only="tellmetry")
        assert told.count(names.GUARDRAIL_OUTCOME) >= len(sing)
        assert len(spans.ours) >= len(sing)

    def test_patched_places_look_as_before(self, kit: Any, arm: Arm) -> None:
        """What we patch keeps its name, signature and kind, and is put back."""
        assert look_as_before(arm, self.library.name)


def run(check: Check, kit: Any, loop: asyncio.Runner, text: str | None = None) -> Sighted:
    """Check as an app does, and write down everything that it sees."""
    sighted = Sighted()
    before = current()
    with listening(sighted.logs):
        using = _steps(sighted, check, kit, check.text if text is None else text)
        if check.waits:
            loop.run(using, context=copy_context())
        else:
            at_once(using)
    assert current() == before, "something of ours is still current"
    return sighted


async def _steps(sighted: Sighted, check: Check, kit: Any, text: str) -> None:
    try:
        async with aclosing(use(check.mode, kit, text)) as steps:
            async for step in steps:
                assert scope.OPEN.get() is None, "something of ours is current while the app works"
                sighted.steps.append((step.kind, see(step.thing)))
    except Exception as error:
        sighted.error = see(error)
        sighted.trouble.append(plain(str(error)))


def told_once(recorded: Recording, provider: Any, outcome: str, reason: str | None) -> None:
    """One check, one call that costs what the provider says, and a run that knows both."""
    (check,), call, (run,) = recorded.guardrails, recorded.call, recorded.runs
    assert (check.outcome, check.reason) == (outcome, reason)
    assert check.run is run
    assert call.run is run
    assert call.span.parent_id == check.span.span_id
    bill = provider.bill.total()
    assert (call.input_tokens, call.output_tokens) == (bill.complete.usage.input, bill.complete.usage.output)
    assert run.calls == 1
    assert run.cost_usd == call.cost_usd > 0
    assert (run.guardrail_outcome, run.guardrail_reason) == (outcome, reason)


@pytest.fixture(scope="class")
def kit(request: pytest.FixtureRequest) -> Any:
    """What the app has set up: the same for every test of a library."""
    return request.cls.library.build()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """An app's event loop."""
    with asyncio.Runner() as running:
        yield running


__all__ = ("Check", "Guards", "Library", "kit", "loop", "pytest_generate_tests", "told_once")
