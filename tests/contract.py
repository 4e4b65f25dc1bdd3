"""The contract that every client's instrumentation keeps, written once: the app never notices, each call is told once.

A client's test declares a `Subject` and inherits these tests. Each mode runs bare and instrumented against the same
provider in every scenario; what differs is a failure, and what is recorded must be right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from canaries import MARK, hearing, sing, stored
from crowd import abandoned_elsewhere, in_tasks, in_threads, parents
from driving import App, Turn
from judging import judge, same
from listening import DEAF
from opentelemetry.trace import SpanKind
from faults import KINDS, armed, kinds, settings, survive
from places import appearance
from recording import Recording
from subject import ANYWHERE, SCENARIOS, Options, Scenario, Subject
from tracing import app_provider

from tellmetry import boot, emit, guard, names

__all__ = ["ANYWHERE", "SCENARIOS", "Contract", "Options", "Scenario", "Subject", "judge", "same"]

Arm = Callable[[], Recording]
Case = tuple[str, str, bool]


class Contract:
    """The tests that a client's test class inherits; the class sets `subject`."""

    subject: ClassVar[Subject]

    def test_same_and_told_once(self, case: Case, app: App, arm: Arm) -> None:
        """Nothing differs, and one record says what happened."""
        mode, scenario, waits = self.subject.modes[case[0]], SCENARIOS[case[1]], case[2]
        client = self.subject.client(app.provider, waits, scenario.options)
        ask = f"{scenario.says} How are you?"
        bare = app.run(mode, client, ask, waits, scenario.turn)
        recorded = arm()
        armed = app.run(mode, client, ask, waits, scenario.turn)
        same(bare, armed)
        assert not guard.lost
        judge(mode, scenario, app, recorded)

    def test_cancelled_between_attempts(self, app: App, arm: Arm) -> None:
        """Only requests that were sent are counted, and only the time that was waited."""
        mode, told = self.subject.modes[self.subject.crowd[0]], "[[status=429 retry_after=5]] How are you?"
        client = self.subject.client(app.provider, True, Options(retries=2))
        recorded = arm()
        app.run(mode, client, told, True, Turn(0, "cancel", after_s=1.0))
        assert (recorded.call.attempts, recorded.call.rate_limited, recorded.call.error_type) == (1, 1, "cancelled")

    def test_same_inside_a_span_of_the_app(self, mode: str, waits: bool, app: App, arm: Arm) -> None:
        """The app's own provider gets our span, and only that, under the app's."""
        used = self.subject.modes[mode]
        with app_provider() as spans:
            client = self.subject.new_client(app.provider, waits)
            with app.inside(spans.request):
                bare = app.run(used, client, "How are you?", waits)
                spans.clear()
                arm()
                armed = app.run(used, client, "How are you?", waits)
            same(bare, armed)
            assert len(spans.calls) == used.calls
            assert [span.name for span in spans.others if span.kind is SpanKind.CLIENT] == []
            assert {span.context.trace_id for span in spans.ours} == {spans.requests[-1].context.trace_id}
            if used.calls == 1:  # else the client may have a span of its own around them
                assert {span.parent.span_id for span in spans.ours} == {spans.requests[-1].context.span_id}

    def test_each_task_has_its_own(self, app: App, arm: Arm) -> None:
        """A hundred tasks at once: each call under its task's span, and nothing of ours is anyone's parent."""
        with app_provider() as spans:
            client = self.subject.new_client(app.provider, True)
            arm()
            app.loop.run(in_tasks(100, [self.subject.modes[name] for name in self.subject.crowd], client, spans))
            assert parents(spans) == {"request": 100, "chunk": len(spans.named("chunk"))}

    def test_each_thread_has_its_own(self, app: App, arm: Arm) -> None:
        """Threads likewise."""
        with app_provider() as spans:
            client = self.subject.new_client(app.provider, False)
            arm()
            in_threads(32, [self.subject.modes[name] for name in self.subject.crowd], client, spans)
            assert parents(spans) == {"request": 32, "chunk": len(spans.named("chunk"))}

    @pytest.mark.parametrize("waits", [False, True])
    def test_abandoned_elsewhere(self, waits: bool, app: App, arm: Arm) -> None:
        """A stream that another task or thread drops ends, quietly."""
        mode = next(mode for mode in self.subject.modes.values() if mode.streams and not mode.inside)
        client = self.subject.client(app.provider, waits)
        recorded = arm()
        assert abandoned_elsewhere(app, mode, client, waits) == []
        assert recorded.call.ending == "abandoned"

    def test_patched_places_look_as_before(self, app: App, arm: Arm) -> None:
        """What we patch keeps its name, signature and kind, and is put back."""
        self.subject.client(app.provider, False)
        bare = appearance(self.subject.name)
        assert bare
        arm()
        assert appearance(self.subject.name) == bare
        boot.disarm()
        assert appearance(self.subject.name) == bare

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_function_of_ours_may_raise(self, kind: str, app: App, tmp_path: Path) -> None:
        """Whatever of ours fails in a call, the app sees the same and the loss is counted."""
        mode, ask, waits = kinds(self.subject)[kind]
        client = self.subject.client(app.provider, waits)
        bare = app.run(mode, client, ask, waits)
        with armed(settings(tmp_path)) as counted:
            wrong = [*survive(partial(app.run, mode, client, ask, waits), bare, counted)]
        assert not wrong, "\n".join(wrong)

    def test_arming_may_fail(self, app: App, tmp_path: Path) -> None:
        """Whatever of ours fails while a client is armed, it works as it did."""
        mode, read = self.subject.modes[self.subject.crowd[0]], settings(tmp_path)
        client = self.subject.client(app.provider, False)
        run = partial(app.run, mode, client, "How are you?", False)
        bare = run()
        with armed(read) as counted:
            wrong = [*survive(lambda: (boot.enable(read), run())[1], bare, counted, prepare=boot.disarm)]
        assert not wrong, "\n".join(wrong)

    def test_nothing_private_leaves(self, app: App, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """No prompt, answer, argument, result, key, header, error text or metadata: not in the store, a log or a span."""
        with armed(settings(tmp_path)), hearing((*DEAF, self.subject.name)) as logs:
            sing(app, self.subject)
            assert emit.flush(5)
            with app_provider() as spans:
                sing(app, self.subject)
        told = stored(tmp_path)
        assert told.count(names.CLIENT) > len(self.subject.modes)
        assert len(spans.calls) > len(self.subject.modes)
        out, err = capfd.readouterr()
        exported = "".join(span.to_json() for span in spans.ours)
        for where in (told, exported, out, err, "\n".join(logs)):
            assert MARK not in where
