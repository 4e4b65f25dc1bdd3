"""The page of docs that says how good the alerts are: rendered from the committed result, `python -m bench.alerts --page`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HOME = Path(__file__).resolve().parents[2]
RESULT = HOME / "bench" / "results" / "alerts.json"
PAGE = HOME / "docs" / "alerts.md"
COMMAND = "python -m bench.alerts"
RULES = ("llm.yaml", "llm_days.yaml", "alertmanager/inhibit_rules.yaml")

HEAD = """\
<!-- Rendered from bench/results/alerts.json by `{command} --page`: do not edit. -->
# How good the alerts are

A simulated company calls models for {months} months of thirty days: eleven workflows with the shape of days and weeks, office
hours, nightly jobs, bursts, a workflow that calls a dozen times an hour, one that runs on Mondays; growth, a launch, a
campaign, holidays, price changes, prompt releases, restarts of the Collector, minutes of slowness and of failures that
nobody should be woken for. Into it, {incidents} incidents are injected whose start is known. Samples of the metrics that the
Collector derives are written into a real Prometheus, and the shipped rules are evaluated over them as Prometheus does, with
`for`, `keep_firing_for` and Alertmanager's inhibition. How: `bench/alerts`; again: `{command}` (about five minutes a month).

The rules were tuned on other months (seeds {tuned}) than those reported here (seeds {seeds}). The baseline is what most teams
begin with: a fixed number for each thing, the same for all workflows, over five minutes.

| | shipped rules | fixed thresholds |
|---|---:|---:|
"""
KINDS_HEAD = """
## By incident

Minutes from the first wrong sample to the first alert that must tell it (median over the incidents of that kind).

| incident | injected | found | minutes | fixed: found | minutes |
|---|---:|---:|---:|---:|---:|
"""
RULES_HEAD = """
## By rule

An alert is true where an incident of its workflow explains it at that time, else it is false. A cause that silences its
symptoms is told alone, so symptoms count only where they were told.

| alert | true | false | precision | fixed: true | false | precision |
|---|---:|---:|---:|---:|---:|---:|
"""
TAIL = """
## What this does not show

The traffic is invented, by the people who wrote the rules. Samples are half a minute apart (histograms a minute), where a real
Collector is scraped every five seconds, so real detection is a little quicker; Alertmanager adds its `group_wait` of half a
minute. The first day, on which everything is new, is not judged. The simulator's campaign stays below twice the usual: more
than that is told, whatever the reason. A spike at an hour that also had one on two of the days before may be missed.
"""


def digest() -> str:
    """Give the fingerprint of what the rules do, whatever they say."""
    files = [yaml.safe_load((HOME / "dashboards" / "rules" / name).read_text()) for name in RULES]
    rules = [rule for file in files for group in file.get("groups", ()) for rule in group["rules"]]
    kept = [{key: value for key, value in rule.items() if key not in ("annotations", "labels")} for rule in rules]
    return hashlib.sha256(json.dumps([kept, files[-1]], sort_keys=True).encode()).hexdigest()[:16]


def page(result: dict[str, Any]) -> str:
    """Give the page."""
    ours, fixed = result["shipped"], result["naive"]
    told = {"command": COMMAND, "tuned": _list(result["tuned_on"]), "seeds": _list(result["seeds"])}
    head = HEAD.format(**told, months=ours["months"], incidents=ours["incidents"])
    return (
        head + "\n".join(_overall(ours, fixed)) + "\n"
        + KINDS_HEAD + "\n".join(_kinds(ours["kinds"], fixed["kinds"])) + "\n"
        + RULES_HEAD + "\n".join(_rules(ours["rules"], fixed["rules"])) + "\n" + TAIL
    )  # fmt: skip


def _list(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))


def _overall(ours: dict[str, Any], fixed: dict[str, Any]) -> Iterator[str]:
    both = (ours, fixed)

    def row(says: str, *cells: str) -> str:
        return f"| {says} | {' | '.join(cells)} |"

    yield row("incidents found", *(f"{one['found']} of {one['incidents']}" for one in both))
    yield row("alerts told", *(str(one["alerts"]) for one in both))
    yield row("of them false", *(str(one["false"]) for one in both))
    yield row("false alarms a month, worst month", *(str(max(one["false_a_month"])) for one in both))
    yield row("precision", *(_share(one["alerts"] - one["false"], one["alerts"]) for one in both))
    yield row("median minutes to detect a spike", *(_minutes(one["median_minutes_spikes"]) for one in both))


def _kinds(ours: dict[str, Any], fixed: dict[str, Any]) -> Iterator[str]:
    for name, one in ours.items():
        other = fixed[name]
        cells = (one["injected"], one["found"], _minutes(one["median_minutes"]), other["found"], _minutes(other["median_minutes"]))
        yield f"| {name} | {' | '.join(map(str, cells))} |"


def _rules(ours: dict[str, Any], fixed: dict[str, Any]) -> Iterator[str]:
    nothing = {"true": 0, "false": 0}
    for name in sorted({*ours, *fixed}):
        one, other = ours.get(name, nothing), fixed.get(name, nothing)
        cells = [cell for counts in (one, other) for cell in (counts["true"], counts["false"], _precision(counts))]
        yield f"| {name} | {' | '.join(map(str, cells))} |"


def _precision(counts: dict[str, int]) -> str:
    return _share(counts["true"], counts["true"] + counts["false"])


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _minutes(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"
