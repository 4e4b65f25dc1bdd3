"""The committed result is about the rules as they are, holds what is promised, and is what the docs show."""

from __future__ import annotations

import json

import pytest

from bench.alerts.incidents import KINDS, Incident, schedule
from bench.alerts.lifecycle import Episode
from bench.alerts.page import COMMAND, PAGE, RESULT, digest, page
from bench.alerts.score import judge
from dashboards.source.alerts import ALERTS

DATA = json.loads(RESULT.read_text())
OURS, FIXED = DATA["shipped"], DATA["naive"]


def test_it_is_about_these_rules() -> None:
    assert DATA["rules"] == digest(), f"the rules have changed: judge them again by `{COMMAND}`"
    assert not set(DATA["tuned_on"]) & set(DATA["seeds"])


def test_the_page_shows_it() -> None:
    assert PAGE.read_text() == page(DATA), f"render it: {COMMAND} --page"


def test_every_incident_is_found_quickly_and_nobody_is_woken_for_nothing() -> None:
    assert OURS["found"] == OURS["incidents"]
    assert OURS["median_minutes_spikes"] <= 5
    assert OURS["false"] <= OURS["months"], "more than one false alarm in thirty days"


def test_it_beats_fixed_thresholds_on_each_axis() -> None:
    assert OURS["found"] > FIXED["found"]
    assert OURS["false"] < FIXED["false"]
    assert OURS["median_minutes_spikes"] < FIXED["median_minutes_spikes"]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_every_alert_has_an_incident_that_it_must_tell(alert) -> None:
    assert any(alert.name in kind.shows for kind in KINDS)


@pytest.mark.parametrize("seed", [*DATA["seeds"], *DATA["tuned_on"]])
def test_incidents_of_one_workflow_keep_apart(seed: int) -> None:
    found = schedule(seed, 0, (10, 20))
    assert len(found) == sum(kind.times for kind in KINDS)
    for one in found:
        for other in found:
            if one is not other and set(one.struck) & set(other.struck):
                assert one.end_s <= other.start_s or other.end_s <= one.start_s


def told(alert: str, workflow: str, at_s: int | None) -> Episode:
    return Episode(alert, frozenset({("tellmetry_workflow", workflow)}), at_s or 0, (at_s or 0) + 600, at_s)


def test_what_is_told_is_held_against_what_happened() -> None:
    kind = next(kind for kind in KINDS if kind.name == "cost x3")
    seen, missed = Incident(kind, "a", 100_000, 104_000), Incident(kind, "b", 100_000, 104_000)
    early, right, symptom, silenced, other, wrong, late = (
        told("LLMCostSpike", "a", 99_990), told("LLMCostSpike", "a", 100_240), told("LLMBudgetBurn", "a", 101_000),
        told("LLMCostSpike", "b", None), told("LLMCostSpike", "c", 100_240), told("LLMRetryStorm", "a", 100_240),
        told("LLMCostSpike", "a", 110_000),
    )  # fmt: skip
    verdict = judge([seen, missed], [early, right, symptom, silenced, other, wrong, late])
    assert verdict.found == {seen: ("LLMCostSpike", 4.0), missed: None}
    assert set(verdict.true) == {right, symptom}
    assert set(verdict.false) == {early, other, wrong, late}


def test_the_first_day_is_not_judged() -> None:
    assert judge([], [told("LLMCostSpike", "a", 80_000)]).false == ()
