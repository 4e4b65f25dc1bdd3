"""Bursts made by the demo make the real Prometheus fire, reach a webhook through the real Alertmanager, and resolve."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.clock import hurried
from tests.stack import history
from tests.stack.ask import alerts, eventually
from tests.stack.demo import demo, traffic
from tests.stack.stack import RULES, Stack, stack

pytestmark = pytest.mark.stack

FACTOR = 60  # an hour of an alert's life in a minute
USUAL = {"lead_triage": ("ops", 0.001), "support_answer": ("support", 0.002), "contract_review": ("legal", 0.08)}  # $/s

# What an ordinary minute must not set off. The demo has an unpriced model and shows blocks and rate limits all day.
QUIET = {"LLMCostSpike", "LLMCostSpikeNewWorkflow", "LLMFailureSpike", "LLMFailureBurn", "LLMTelemetryQuiet"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack with the shipped rules on a faster clock, and what the demo usually does at this hour, a week ago."""
    rules = tmp_path_factory.mktemp("rules")
    for file in RULES.glob("*.yaml"):
        (rules / file.name).write_text(hurried(file.read_text(), FACTOR))
    home = tmp_path_factory.mktemp("stack")
    a_week_ago = int(time.time()) - int(167.5 * 3600) // FACTOR
    usual = {
        history.of(record, workflow, owner): value
        for workflow, (owner, usd) in USUAL.items()
        for record, value in (("llm:cost_usd:rate15m", usd), ("llm:calls:rate5m", 2.0))
    }
    history.write(home / "prometheus" / "data", usual, range(a_week_ago - 300, a_week_ago + 900))
    with stack(rules=rules, home=home) as servers:
        yield servers


def firing(servers: Stack) -> set[str]:
    return {name for name, state in alerts(servers.prometheus.url).items() if state == "firing"}


def test_a_normal_day_is_quiet(running: Stack, tmp_path: Path) -> None:
    with traffic(running, tmp_path, "--seconds", "60", "--rate", "8"):
        seen: set[str] = set()
        for _ in range(50):
            seen |= firing(running)
            time.sleep(1)
    assert not seen & QUIET, f"fired on a normal day: {sorted(seen & QUIET)}"


@pytest.mark.parametrize(("burst", "alert"), [("failure", "LLMFailureSpike"), ("cost", "LLMCostSpike")])
def test_a_burst_arrives_and_resolves(running: Stack, tmp_path: Path, burst: str, alert: str) -> None:
    with traffic(running, tmp_path, "--seconds", "60", "--rate", "8", "--burst", burst):
        assert alert in eventually(lambda: running.webhook.alerts("firing"), lambda names: alert in names, within_s=60)
    assert alert in eventually(lambda: running.webhook.alerts("resolved"), lambda names: alert in names, within_s=120)


def test_silence_is_told(running: Stack, tmp_path: Path) -> None:
    """The demo has stopped by now: a service that was heard of and is no more is told."""
    arrived = eventually(lambda: running.webhook.alerts("firing"), lambda names: "LLMTelemetryQuiet" in names, within_s=90)
    assert "LLMTelemetryQuiet" in arrived
