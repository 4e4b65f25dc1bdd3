"""Every alert there is, in the order in which the runbook and the rule files list them."""

from __future__ import annotations

from dashboards.source.alerts import failures, money, pipeline, providers, quality, silence
from dashboards.source.alerts.rule import Alert

GROUPS: dict[str, tuple[Alert, ...]] = {
    "llm.money": money.ALERTS,
    "llm.failures": failures.ALERTS,
    "llm.providers": providers.ALERTS,
    "llm.quality": quality.ALERTS,
    "llm.silence": silence.ALERTS,
    "llm.pipeline": pipeline.ALERTS,
}
ALERTS: tuple[Alert, ...] = tuple(alert for group in GROUPS.values() for alert in group)
