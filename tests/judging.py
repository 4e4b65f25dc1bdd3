"""What must be the same with us on, and what must have been told of a call."""

from __future__ import annotations

import gc
import re
import time
from typing import Any

from driving import App, Sighted
from recording import Recording
from sighting import differences
from subject import SCENARIOS, Case, Subject

from tellmetry.record import ModelCall


def same(bare: Sighted, armed: Sighted, timed: bool = False) -> None:
    """Compare everything that two runs showed; but the seconds that something took where answers are `timed`."""
    for name in vars(bare):
        was, now = vars(bare)[name], vars(armed)[name]
        found = differences(*map(_timeless, (was, now)), name) if timed else differences(was, now, name)
        assert not found, "\n".join(found)


def _timeless(thing: Any) -> Any:
    if isinstance(thing, (list, tuple)):
        return type(thing)(map(_timeless, thing))
    if isinstance(thing, str):
        return re.sub(r"time taken=[0-9.]+", "time taken", thing)
    return "<time>" if isinstance(thing, float) else thing


def judge(subject: Subject, case: Case, app: App, recorded: Recording) -> None:
    """Hold what was recorded in a case against what the provider and the app know."""
    mode = subject.modes[case[0]]
    wait(recorded)
    calls, bill = recorded.calls, app.provider.bill.total()
    assert len(calls) == (mode.calls if app.raised is None else 1)
    assert sum(call.attempts or 0 for call in calls) == bill.received
    for call in calls:
        _judge_ending(subject, case, app, call)
        assert call.duration_s > 0
        assert (call.first_chunk_s is not None) == bool(call.chunks)
    statuses = [int(status) for status in bill.failed if status.isdigit()]
    told = 200 if subject.can("status", f"{case[0]} status") else None
    assert calls[-1].http_status == (told if bill.answered else max(statuses, default=None))
    assert sum(call.rate_limited or 0 for call in calls) == bill.failed["429"]
    if bill.complete.calls and mode.tells and calls[-1].ending in (None, "completed"):
        assert sum(call.input_tokens or 0 for call in calls) == bill.complete.usage.input
        assert sum(call.output_tokens or 0 for call in calls) == bill.complete.usage.output
        assert not any(call.estimated for call in calls)


def wait(recorded: Recording) -> None:
    """Wait for a stream that a thread of the client's holds a little longer, and that we froze as a survivor."""
    late = time.monotonic() + 5
    while not recorded.calls and time.monotonic() < late:
        time.sleep(0.01)
        gc.unfreeze()


def _judge_ending(subject: Subject, case: Case, app: App, call: ModelCall) -> None:
    mode = subject.modes[case[0]]
    expected = SCENARIOS[case[1]].ending or ("closed" if mode.inside else subject.dropped)
    if (mode.raw and case[1] == "malformed") or not subject.can(f"{case[0]} {case[1]} noticed"):
        expected = "completed"  # the app got every byte, whatever it makes of them
    assert call.ending == (expected if mode.streams else None)
    if expected == "cancelled":
        assert call.error_type == "cancelled"
    elif expected != "failed":
        assert call.error_type is None
    elif app.raised is None:
        assert call.error_type is not None  # an error event among the bytes
    else:
        assert call.error_type == app.raised.__qualname__
