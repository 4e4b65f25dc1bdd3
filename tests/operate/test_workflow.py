"""A run carries its owner to everything inside and adds up what that cost."""

from __future__ import annotations

import pytest
from recording import Recording

import tellmetry
from tellmetry import guard
from tellmetry.emit import complete
from tellmetry.record import ModelCall


def spend(usd: float | None, **fields: object) -> None:
    """Let a call end inside whatever is open."""
    from tellmetry import emit, scope

    call = ModelCall()
    call.operation, call.cost_usd, call.cost_source = "chat", usd, "list" if usd is not None else "unpriced"
    for name, value in fields.items():
        setattr(call, name, value)
    scope.stamp(call)
    scope.stamp_call(call)
    emit.begin(call)
    complete(call)
    emit.finish(call)


def test_totals(recorded: Recording) -> None:
    with tellmetry.workflow("triage", owner="ops", request_id="r-7", model_profile="cheap") as run:
        spend(0.25, input_tokens=10, output_tokens=2, attempts=3)
        spend(None, error_type="Timeout")
        assert run.cost_usd == 0.25
    (told,) = recorded.runs
    assert (told.workflow, told.owner, told.request_id, told.model_profile) == ("triage", "ops", "r-7", "cheap")
    assert (told.calls, told.failed_calls, told.unpriced_calls, told.retries) == (2, 1, 1, 2)
    assert (told.cost_usd, told.input_tokens, told.output_tokens) == (0.25, 10, 2)
    assert {call.run_id for call in recorded.calls} == {told.run_id}


def test_outcome(recorded: Recording) -> None:
    with tellmetry.workflow("triage"):
        tellmetry.outcome("manual_review", "low_confidence", 0.41)
    (told,) = recorded.runs
    assert (told.result, told.reason, told.confidence) == ("manual_review", "low_confidence", 0.41)


def test_an_outcome_that_makes_no_sense_does_no_harm(recorded: Recording) -> None:
    guard.strict = False
    with tellmetry.workflow("triage") as run:
        run.outcome("approved", confidence="high")  # type: ignore[arg-type]
    assert recorded.runs[0].result == "approved"
    assert guard.lost["noting an outcome"] == 1


def test_a_run_inside_a_run_is_its_own(recorded: Recording) -> None:
    with tellmetry.workflow("outer", owner="ops"), tellmetry.workflow("inner"):
        spend(0.1)
    inner, outer = recorded.runs
    assert [(run.workflow, run.owner) for run in (inner, outer)] == [("inner", "ops"), ("outer", "ops")]
    assert inner.run_id != outer.run_id
    assert (recorded.call.workflow, recorded.call.run_id) == ("inner", inner.run_id)


def test_a_profile_for_some_calls(recorded: Recording) -> None:
    with tellmetry.model_profile("careful"):
        spend(0.1)
    spend(0.1)
    assert [call.model_profile for call in recorded.calls] == ["careful", None]


def test_inert_while_nothing_is_recorded() -> None:
    with tellmetry.workflow("triage") as run:
        run.outcome("approved")
        tellmetry.outcome("approved")
        assert (run.run_id, run.cost_usd) == (None, 0.0)


@pytest.mark.parametrize("secret", ["sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2", "jane@example.com"])
def test_names_are_masked(secret: str, recorded: Recording) -> None:
    with tellmetry.workflow(f"triage {secret}", request_id=secret):
        tellmetry.outcome("approved", f"because {secret}")
    assert secret not in repr(recorded.attributes(recorded.runs[0]))
