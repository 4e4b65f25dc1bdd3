"""Holds what was told against what happened: found, missed, false, and minutes to the first word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.alerts.incidents import KINDS, Incident
from bench.alerts.lifecycle import Episode

# What an incident leaves in windows of an hour or a day may be told a while after it has ended.
AFTER_S = {"LLMCostPerCallDrift": 2 * 3600, "LLMEvaluationBelowTarget": 86_400, "LLMBudgetSpent": 86_400, "LLMBudgetForecast": 86_400,
           "LLMFailureBurn": 3600, "LLMFallbackShare": 6 * 3600}  # fmt: skip
HALF_AN_HOUR_S = 1800
WORKFLOW = "tellmetry_workflow"


@dataclass(frozen=True, slots=True)
class Judged:
    """One month's verdict."""

    found: dict[Incident, tuple[str, float] | None]  # the alert that told it first, and after how many minutes
    true: tuple[Episode, ...]
    false: tuple[Episode, ...]


def judge(incidents: Sequence[Incident], told: Iterable[Episode], from_s: int = 86_400) -> Judged:
    """Judge what people were told from the second day on."""
    heard = [one for one in told if one.told_s is not None and one.told_s >= from_s]
    by_incident = {incident: [one for one in heard if _explains(incident, one)] for incident in incidents}
    explained = {id(one) for those in by_incident.values() for one in those}
    found = {incident: _first(incident, those) for incident, those in by_incident.items()}
    return Judged(
        found,
        tuple(one for one in heard if id(one) in explained),
        tuple(one for one in heard if id(one) not in explained),
    )


def _explains(incident: Incident, told: Episode) -> bool:
    """Say whether an alert is news of this incident: the right kind, the right workflow, the right time."""
    assert told.told_s is not None
    expected = told.alert in incident.kind.shows + incident.kind.may
    late_s = AFTER_S.get(told.alert, HALF_AN_HOUR_S)
    return expected and told.label(WORKFLOW) in incident.struck and incident.start_s <= told.told_s <= incident.end_s + late_s


def _first(incident: Incident, told: Iterable[Episode]) -> tuple[str, float] | None:
    at = [(one.told_s, one.alert) for one in told if one.alert in incident.kind.shows and one.told_s is not None]
    if not at:
        return None
    first, alert = min(at)
    return alert, (first - incident.start_s) / 60


def summary(months: Sequence[Judged]) -> dict[str, Any]:
    """Give the figures over all months, as JSON keeps them."""
    kinds = {kind.name: _of_kind(kind.name, months) for kind in KINDS}
    spikes = [kind.name for kind in KINDS if kind.spike]
    minutes = [one for name in spikes for one in kinds[name]["minutes"]]
    told = {alert for month in months for one in (*month.true, *month.false) for alert in (one.alert,)}
    return {
        "months": len(months),
        "incidents": sum(len(month.found) for month in months),
        "found": sum(one is not None for month in months for one in month.found.values()),
        "alerts": sum(len(month.true) + len(month.false) for month in months),
        "false": sum(len(month.false) for month in months),
        "false_a_month": [len(month.false) for month in months],
        "median_minutes_spikes": median(minutes) if minutes else None,
        "kinds": kinds,
        "rules": {alert: _of_rule(alert, months) for alert in sorted(told)},
    }


def _of_kind(name: str, months: Sequence[Judged]) -> dict[str, Any]:
    mine = [told for month in months for incident, told in month.found.items() if incident.kind.name == name]
    minutes = sorted(round(told[1], 1) for told in mine if told)
    return {
        "injected": len(mine), "found": len(minutes), "median_minutes": median(minutes) if minutes else None, "minutes": minutes,
    }  # fmt: skip


def _of_rule(alert: str, months: Sequence[Judged]) -> dict[str, Any]:
    true, false = (sum(one.alert == alert for month in months for one in found(month)) for found in (lambda m: m.true, lambda m: m.false))
    return {"true": true, "false": false}
