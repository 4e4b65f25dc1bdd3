"""The contract that every client's instrumentation keeps, written once: the app never notices, each call is told once.

A client's test declares a `Subject` and inherits these tests. Each mode runs bare and instrumented against the same
provider in every scenario; what differs is a failure, and what is recorded must be right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from canaries import silence, sing
from crowd import abandoned_elsewhere, in_tasks, in_threads, lets_go, parents
from driving import App, Mode, Sighted, Turn
from judging import judge, same, wait
from opentelemetry.trace import SpanKind
from faults import armed, kinds, settings, survive
from places import look_as_before
from recording import Recording
from subject import SCENARIOS, Case, Options, Subject
from tracing import app_provider

from tellmetry import boot, guard, names

Arm = Callable[[], Recording]
HELLO = "How are you?"


class Contract:
    """The tests that a client's test class inherits; the class sets `subject`."""

    subject: ClassVar[Subject]

    def run(self, app: App, mode: Mode, waits: bool, ask: str = HELLO, options: Options = Options(), **more: Any) -> Sighted:
        """Have the app use the client in one mode."""
        return app.run(mode, self.subject.client(app.provider, waits, options), ask, waits, **more)

    def test_same_and_told_once(self, case: Case, app: App, arm: Arm) -> None:
        """Nothing differs, and one record says what happened."""
        mode, scenario, waits = self.subject.modes[case[0]], SCENARIOS[case[1]], case[2]
        run = partial(self.run, app, mode, waits, f"{scenario.says} {HELLO}", scenario.options, turn=scenario.turn)
        bare = run()
        recorded = arm()
        armed = run()
        same(bare, armed, self.subject.timed)
        assert not guard.lost or not self.subject.can(f"{case[0]} {case[1]} noticed")
        judge(self.subject, case, app, recorded)

    def test_cancelled_between_attempts(self, app: App, arm: Arm) -> None:
        """Only requests that were sent are counted, and only the time that was waited."""
        if True not in self.subject.sides or not self.subject.can("given up", "cancelled between attempts"):
            pytest.skip("this client does not wait between attempts, or nobody can cancel it")
        told, recorded = f"[[status=429 retry_after=5]] {HELLO}", arm()
        self.run(app, self.subject.together()[0], True, told, Options(retries=2), turn=Turn(0, "cancel", after_s=1.0))
        assert (recorded.call.attempts, recorded.call.rate_limited, recorded.call.error_type) == (1, 1, "cancelled")

    def test_same_inside_a_span_of_the_app(self, mode: str, waits: bool, app: App, arm: Arm) -> None:
        """The app's own provider gets our span, and only that, under the app's."""
        used = self.subject.modes[mode]
        with app_provider() as spans:
            client = self.subject.new_client(app.provider, waits)
            with app.inside(spans.request):
                bare = app.run(used, client, HELLO, waits)
                spans.clear()
                arm()
                if self.subject.fresh:
                    client = self.subject.new_client(app.provider, waits)
                armed = app.run(used, client, HELLO, waits)
            same(bare, armed, self.subject.timed)
            assert len(spans.calls) == used.calls
            assert [span.name for span in spans.others if span.kind is SpanKind.CLIENT] == []
            assert {span.context.trace_id for span in spans.ours} == {spans.requests[-1].context.trace_id}
            if used.calls == 1:  # else the client may have a span of its own around them
                assert {span.parent.span_id for span in spans.ours} == {spans.requests[-1].context.span_id}

    def test_each_has_its_own(self, waits: bool, app: App, arm: Arm) -> None:
        """A hundred tasks or some threads: each call under its own one's span, and nothing of ours is anyone's parent."""
        count = 100 if waits else 32
        with app_provider() as spans:
            arm()
            client = self.subject.new_client(app.provider, waits)
            if waits:
                app.loop.run(in_tasks(count, self.subject.together(), client, spans))
            else:
                in_threads(count, self.subject.together(), client, spans)
            assert parents(spans) == {"request": count, "chunk": len(spans.named("chunk"))}

    def test_abandoned_elsewhere(self, waits: bool, app: App, arm: Arm) -> None:
        """A stream that another task or thread drops ends, quietly."""
        recorded = arm()
        client = self.subject.client(app.provider, waits)
        assert abandoned_elsewhere(app, self.subject.streamed(), client, waits) == []
        wait(recorded)
        assert recorded.call.ending == self.subject.dropped

    def test_a_dropped_stream_is_let_go_as_soon(self, waits: bool, app: App, arm: Arm) -> None:
        """No cycle of ours keeps a connection until the garbage collector comes by."""
        mode, client = self.subject.streamed(), self.subject.client
        bare = lets_go(app, mode, client(app.provider, waits), waits)
        recorded = arm()
        assert lets_go(app, mode, client(app.provider, waits), waits) >= bare
        wait(recorded)
        assert recorded.call.ending == self.subject.dropped

    def test_patched_places_look_as_before(self, app: App, arm: Arm) -> None:
        """What we patch keeps its name, signature and kind, and is put back."""
        self.subject.client(app.provider, self.subject.sides[0])
        assert look_as_before(arm, self.subject.name)

    def test_every_function_of_ours_may_raise(self, kind: str, app: App, tmp_path: Path) -> None:
        """Whatever of ours fails in a call, the app sees the same and the loss is counted."""
        mode, ask, waits = kinds(self.subject)[kind]
        run = partial(self.run, app, mode, waits, ask)
        bare = run()
        with armed(settings(tmp_path)) as counted:
            wrong = [*survive(run, bare, counted, timed=self.subject.timed, thorough=self.subject.thorough)]
        assert not wrong, "\n".join(wrong)

    def test_arming_may_fail(self, app: App, tmp_path: Path) -> None:
        """Whatever of ours fails while a client is armed, it works as it did."""
        read = settings(tmp_path)
        run = partial(self.run, app, self.subject.together()[0], self.subject.sides[0])
        bare = run()
        with armed(read) as counted:
            arming = partial(boot.enable, read)
            again = lambda: (arming(), run())[1]  # noqa: E731
            wrong = [*survive(again, bare, counted, boot.disarm, self.subject.timed, among=arming)]
        assert not wrong, "\n".join(wrong)

    def test_nothing_private_leaves(self, app: App, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """No prompt, answer, argument, result, key, header, error text or metadata: not in the store, a log or a span."""
        told, spans = silence(lambda: sing(app, self.subject), tmp_path, (*self.subject.packages,), capfd)
        assert told.count(names.CLIENT) > len(self.subject.modes)
        assert len(spans.calls) > len(self.subject.modes)
