"""Contracts become recording rules under the names and labels that alerts and boards read."""

from __future__ import annotations

import yaml

from tellmetry import names
from tellmetry.operate.contracts import Contract
from tellmetry.operate.rules import rendered

FULL = Contract(
    workflow='lead "triage": 1', owner="ops", metric="rate", target=0.92, fallback="manual", success_target=0.995,
    max_seconds=20.0, max_cost_usd=0.05, daily_budget_usd=50.0,
)  # fmt: skip


def test_every_promise_is_recorded_with_its_labels() -> None:
    (group,) = yaml.safe_load(rendered([FULL], "tellmetry.toml"))["groups"]
    recorded = {rule["record"]: rule for rule in group["rules"]}
    assert set(recorded) == {promise.prometheus for promise in names.CONTRACTS}
    for promise in names.CONTRACTS:
        labels = recorded[promise.prometheus]["labels"]
        assert list(labels) == [names.label(one) for one in promise.labels]
        assert (labels["tellmetry_workflow"], labels["tellmetry_owner"]) == (FULL.workflow, "ops")
    assert recorded["llm:contract:target"]["expr"] == "vector(0.92)"
    assert recorded["llm:contract:target"]["labels"]["gen_ai_evaluation_name"] == "rate"
    assert recorded["llm:contract:daily_budget_usd"]["expr"] == "vector(50.0)"


def test_a_contract_without_numbers_records_nothing() -> None:
    (group,) = yaml.safe_load(rendered([Contract(workflow="a", owner="ops")], "x.toml"))["groups"]
    assert group["rules"] == []
