"""Contracts for the demo's workflows, as recording rules: what a team writes down as its targets and budgets."""

from __future__ import annotations

from tellmetry import names

OWNERS = {"lead_triage": "ops", "support_answer": "support", "contract_review": "legal"}
VALUES = {
    names.CONTRACT_SUCCESS: 0.99,
    names.CONTRACT_MAX_SECONDS: 20,
    names.CONTRACT_MAX_COST: 0.05,
    names.CONTRACT_DAILY_BUDGET: 50,
}
METRIC = ("lead_triage", "correct_route_rate", 0.92)


def rules() -> str:
    """Give the rules file."""
    workflow, metric, target = METRIC
    found = [
        _rule(promise.prometheus, value, who, owner) for who, owner in OWNERS.items() for promise, value in VALUES.items()
    ]
    found.append(_rule(names.CONTRACT_TARGET.prometheus, target, workflow, OWNERS[workflow], metric))
    return "groups:\n- name: llm.contracts\n  interval: 1s\n  rules:\n" + "".join(found)


def _rule(record: str, value: float, workflow: str, owner: str, metric: str | None = None) -> str:
    labels = {names.label(names.WORKFLOW): workflow, names.label(names.OWNER): owner}
    if metric is not None:
        labels[names.label(names.EVALUATION_NAME)] = metric
    told = ", ".join(f"{name}: {value}" for name, value in labels.items())
    return f"  - record: {record}\n    expr: vector({value})\n    labels: {{{told}}}\n"
