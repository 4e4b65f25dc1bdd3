"""The simulator's alerts live as Prometheus' do: promtool fires at exactly the minutes that we say."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from bench.alerts.lifecycle import Episode, episodes, inhibitions, seconds, told
from dashboards.source import emit
from tests.alerts.test_rules import promtool

MINUTES = 180


@pytest.mark.parametrize(("for_", "keep"), [("0m", "0m"), ("1m", "10m"), ("5m", "10m"), ("3m", "0m"), ("15m", "30m")])
def test_promtool_agrees_minute_by_minute(for_: str, keep: str, tmp_path: Path) -> None:
    chance = random.Random(f"{for_} {keep}")
    on, holds = False, []
    for minute in range(MINUTES):
        on ^= chance.random() < 0.12
        if on:
            holds.append(minute * 60)
    fired = episodes("A", {frozenset(): holds}, seconds(for_), seconds(keep), 60)
    ours = {minute for one in fired for minute in range(one.start_s // 60, one.end_s // 60 + 1) if minute < MINUTES}
    assert 0 < len(ours) < MINUTES
    rule = {"alert": "A", "expr": "x > 0", "for": for_, "keep_firing_for": keep}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "a", "interval": "1m", "rules": [rule]}]}))
    values = " ".join("1" if minute * 60 in holds else "0" for minute in range(MINUTES))
    checks = [
        {"expr": 'count(ALERTS{alertstate="firing"})', "eval_time": f"{minute}m", "exp_samples": [{"value": 1}] if minute in ours else []}
        for minute in range(MINUTES)
    ]
    test = {"interval": "1m", "input_series": [{"series": "x", "values": values}], "promql_expr_test": checks}
    whole = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(whole))
    assert "SUCCESS" in promtool("test", "rules", str(tmp_path / "test.yaml"))


def test_a_cause_delays_or_silences_its_symptom() -> None:
    rules = inhibitions(yaml.safe_load(emit.inhibit_rules())["inhibit_rules"])
    here, there = frozenset({("tellmetry_workflow", "a")}), frozenset({("tellmetry_workflow", "b")})
    spike = Episode("LLMFailureSpike", here, 600, 1200)
    fired = [spike, Episode("LLMFailureBurn", here, 660, 1800), Episode("LLMFailureBurn", there, 660, 1800), Episode("LLMFallbackShare", here, 720, 900)]
    assert [(one.alert, one.told_s) for one in told(fired, rules, 60)] == [
        ("LLMFailureSpike", 600), ("LLMFailureBurn", 1260), ("LLMFailureBurn", 660), ("LLMFallbackShare", None),
    ]  # fmt: skip
