"""Contracts as Prometheus recording rules: constants by workflow, with which the shipped alerts and boards compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tellmetry import names
from tellmetry.operate.contracts import Contract

_PROMISES: dict[str, names.Promise] = {
    "target": names.CONTRACT_TARGET,
    "success_target": names.CONTRACT_SUCCESS,
    "max_seconds": names.CONTRACT_MAX_SECONDS,
    "max_cost_usd": names.CONTRACT_MAX_COST,
    "daily_budget_usd": names.CONTRACT_DAILY_BUDGET,
}


def rendered(contracts: Iterable[Contract], source: str) -> str:
    """Give the rule file of these contracts; one that promises no number has none."""
    rules = "".join(rule for contract in contracts for rule in _of(contract))
    head = f"# Rendered from {source} by `tellmetry contracts rules`: do not edit.\n"
    return f"{head}groups:\n- name: llm.contracts\n  interval: 1m\n  rules:{rules or ' []'}\n"


def _of(contract: Contract) -> Iterator[str]:
    values = {names.WORKFLOW: contract.workflow, names.OWNER: contract.owner, names.EVALUATION_NAME: contract.metric}
    for key, promise in _PROMISES.items():
        number = getattr(contract, key)
        if number is not None:
            labels = "".join(f"\n      {names.label(one)}: {_quoted(values[one])}" for one in promise.labels)
            yield f"\n  - record: {promise.prometheus}\n    expr: vector({number!r})\n    labels:{labels}"


def _quoted(text: str | None) -> str:
    """Write a text for YAML, which reads JSON's quotes."""
    return json.dumps(text, ensure_ascii=False)
