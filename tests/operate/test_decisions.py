"""Scores, reviews and fallbacks are told when they happen, and on the run that they are part of."""

from __future__ import annotations

import pytest
from recording import Recording

import tellmetry
from tellmetry import guard, scope
from tellmetry.record import Evaluation, Fallback, Review


def test_evaluation(recorded: Recording) -> None:
    with tellmetry.workflow("triage"), tellmetry.prompt("route", "3"):
        tellmetry.evaluation("correct_route_rate", 1, target=0.92, label="right", response_id="r1")
    (told,) = [one for one in recorded if isinstance(one, Evaluation)]
    assert (told.evaluation, told.score, told.target, told.score_label) == ("correct_route_rate", 1.0, 0.92, "right")
    assert (told.workflow, told.prompt_name, told.prompt_version, told.response_id) == ("triage", "route", "3", "r1")


def test_a_score_that_is_none_does_no_harm(recorded: Recording) -> None:
    guard.strict = False
    tellmetry.evaluation("rate", "good")  # type: ignore[arg-type]
    assert recorded == []
    assert guard.lost["noting a score"] == 1


@pytest.mark.parametrize(("decide", "state"), [("approve", "approved"), ("reject", "rejected"), ("edit", "edited")])
def test_review(decide: str, state: str, recorded: Recording) -> None:
    with tellmetry.workflow("triage"):
        review = tellmetry.review("refund", request_id="r-7")
        getattr(review, decide)("jane")
    asked, decided = [one for one in recorded if isinstance(one, Review)]
    assert (asked.state, asked.wait_s, decided.state, decided.reviewer) == ("requested", None, state, "jane")
    assert decided.wait_s is not None and decided.wait_s >= 0
    assert recorded.runs[0].review_state == state


def test_a_review_decided_in_another_process(recorded: Recording) -> None:
    import time

    tellmetry.review("refund", requested_at=time.time() - 60).expire()
    (told,) = recorded
    assert told.state == "expired"  # type: ignore[attr-defined]
    assert 59 < told.wait_s < 70  # type: ignore[attr-defined]


async def test_fallback(recorded: Recording) -> None:
    with tellmetry.workflow("triage"):
        async with tellmetry.fallback("gpt-4o-mini", failed="gpt-5", reason="timeout"):
            assert scope.SWITCH.get() == ("gpt-5", "timeout")
        assert scope.SWITCH.get() is None
    (told,) = [one for one in recorded if isinstance(one, Fallback)]
    assert (told.to, told.failed, told.reason) == ("gpt-4o-mini", "gpt-5", "timeout")
    assert (recorded.runs[0].fallback_from, recorded.runs[0].fallback_reason) == ("gpt-5", "timeout")


def test_inert_while_nothing_is_recorded() -> None:
    tellmetry.evaluation("rate", 1.0)
    tellmetry.review("refund").approve()
    with tellmetry.fallback("a", failed="b", reason="c"):
        pass
