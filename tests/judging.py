"""What must be the same with us on, and what must have been told of a call."""

from __future__ import annotations

from driving import App, Mode, Sighted
from recording import Recording
from sighting import differences
from subject import Scenario

from tellmetry.record import ModelCall


def same(bare: Sighted, armed: Sighted) -> None:
    """Compare everything that two runs showed."""
    for name in vars(bare):
        found = differences(vars(bare)[name], vars(armed)[name], name)
        assert not found, "\n".join(found)


def judge(mode: Mode, scenario: Scenario, app: App, recorded: Recording) -> None:
    """Hold what was recorded against what the provider and the app know."""
    calls, bill = recorded.calls, app.provider.bill.total()
    assert len(calls) == (mode.calls if app.raised is None else 1)
    assert sum(call.attempts or 0 for call in calls) == bill.received
    for call in calls:
        _judge_ending(mode, scenario, app, call)
        assert call.duration_s > 0
        assert (call.first_chunk_s is not None) == bool(call.chunks)
    statuses = [int(status) for status in bill.failed if status.isdigit()]
    assert calls[-1].http_status == (200 if bill.answered else max(statuses, default=None))
    assert sum(call.rate_limited or 0 for call in calls) == bill.failed["429"]
    if bill.complete.calls and mode.tells and calls[-1].ending in (None, "completed"):
        assert sum(call.input_tokens or 0 for call in calls) == bill.complete.input
        assert sum(call.output_tokens or 0 for call in calls) == bill.complete.output
        assert not any(call.estimated for call in calls)


def _judge_ending(mode: Mode, scenario: Scenario, app: App, call: ModelCall) -> None:
    expected = scenario.ending or ("closed" if mode.inside else "abandoned")
    if mode.raw and "malformed" in scenario.says:
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
