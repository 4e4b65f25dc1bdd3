"""Every alert, from samples that Prometheus scrapes to the receiver of the team that owns it, and its end.

Real Prometheus and Alertmanager with the shipped rules and routing, sixty times as fast; a page says what the Collector
would. The routing gets one receiver for each owner, as a team would write it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.source.alerts import ALERTS
from tellmetry.operate.contracts import Contract
from tellmetry.operate.rules import rendered
from tests.alerts.clock import hurried
from tests.stack import history
from tests.stack.ask import eventually
from tests.stack.page import Page, page
from tests.stack.process import free_port
from tests.stack.servers import Server, Webhook, alertmanager, prometheus, webhook
from tests.stack.stack import HURRY_ALERTMANAGER, QUICK, RULES, rewritten
from tests.stack.tools import ROOT
from tests.stack.troubles import TROUBLES, contracts, owner_of, record

pytestmark = pytest.mark.stack

FACTOR = 60
DAY_S, WEEK_S = 86_400 // FACTOR, 604_800 // FACTOR
DOWN = "LLMCollectorDown"  # silences others, so it comes last
BROKEN = "/llm"


def test_there_is_a_trouble_for_every_alert() -> None:
    assert set(TROUBLES) == {alert.name for alert in ALERTS}


@pytest.fixture(scope="module")
def receivers() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture(scope="module")
def told() -> Iterator[Page]:
    with page() as served:
        for trouble in TROUBLES.values():
            served.turn(trouble.calm, trouble.gauges)
        yield served


@pytest.fixture(scope="module")
def running(receivers: Webhook, told: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Prometheus with the fast rules, the contracts and a past; Alertmanager with a receiver for each owner."""
    left_s = 86_400 - time.time() % 86_400
    if left_s < 1500:  # what a day will cost cannot be foreseen in its last minutes
        time.sleep(left_s + 1)
    home, rules = tmp_path_factory.mktemp("servers"), tmp_path_factory.mktemp("rules")
    for file in RULES.glob("*.yaml"):
        (rules / file.name).write_text(hurried(file.read_text(), FACTOR))
    _promise(rules, contracts())
    _write_past(home)
    (home / "webhook_url").write_text(receivers.url)
    with alertmanager(_routing(home), home / "alertmanager") as routing:
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules/*.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [routing.url.removeprefix("http://")]}]}]},
            "scrape_configs": [
                {"job_name": "collector", "honor_labels": True, "static_configs": [{"targets": [told.address]}]},
                {"job_name": "llm", "metrics_path": BROKEN, "static_configs": [{"targets": [told.address]}]},
            ],
        }
        with prometheus(yaml.safe_dump(config), rules, home / "prometheus", free_port(), QUICK) as server:
            yield server


def _promise(rules: Path, found: list[Contract]) -> None:
    (rules / "contracts.yaml").write_text(hurried(rendered(found, "the test"), FACTOR))


def _write_past(home: Path) -> None:
    now = int(time.time())
    around = [moment for ago in (WEEK_S, DAY_S) for moment in range(now - ago - 300, now - ago + 900)]
    past = {record(name, alert): value for alert, trouble in TROUBLES.items() for name, value in trouble.past.items()}
    history.write(home / "prometheus" / "data", past, around)


def _routing(home: Path) -> str:
    """Give the shipped configuration with a route and a receiver for each owner."""
    changes = {"/etc/alertmanager/webhook_url": str(home / "webhook_url"), **HURRY_ALERTMANAGER}
    config = yaml.safe_load(rewritten(ROOT / "collector" / "alertmanager.yml", changes))
    (first,) = config["receivers"]
    owners = sorted({owner_of(alert) for alert in TROUBLES})
    config["route"]["routes"] = [{"matchers": [f'owner="{owner}"'], "receiver": owner} for owner in owners]
    config["receivers"] += [{**first, "name": owner} for owner in owners]
    return yaml.safe_dump(config)


def reached(hook: Webhook, status: str) -> dict[str, set[str]]:
    """Give the receivers that got each alert about its own trouble."""
    found: dict[str, set[str]] = {}
    for post in list(hook.posts):
        for alert in post["alerts"]:
            if alert["status"] == status and _is_own(alert["labels"]):
                found.setdefault(alert["labels"]["alertname"], set()).add(post["receiver"])
    return found


def _is_own(labels: dict[str, Any]) -> bool:
    return labels.get("tellmetry_workflow", labels["alertname"]) == labels["alertname"]


def expect(hook: Webhook, status: str, alerts: set[str], within_s: float) -> None:
    seen = eventually(lambda: reached(hook, status), lambda found: alerts <= set(found), within_s)
    assert alerts - set(seen) == set(), f"not told as {status}"
    assert {alert: seen[alert] for alert in alerts} == {alert: {owner_of(alert)} for alert in alerts}


def test_every_alert_reaches_its_owner_and_resolves(running: Server, receivers: Webhook, told: Page) -> None:
    time.sleep(25)
    assert set(reached(receivers, "firing")) <= {DOWN}, "told although nothing was wrong"
    for trouble in TROUBLES.values():
        told.turn(trouble.bad, trouble.bad_gauges)
    expect(receivers, "firing", set(TROUBLES) - {DOWN}, within_s=320)

    for trouble in TROUBLES.values():
        told.turn({**trouble.calm, **trouble.well}, trouble.gauges)
    _promise(running.home / "rules", [replace(one, daily_budget_usd=1e6) if one.daily_budget_usd else one for one in contracts()])
    os.kill(running.process.pid, signal.SIGHUP)
    expect(receivers, "resolved", set(TROUBLES) - {DOWN}, within_s=300)

    told.broken = BROKEN
    expect(receivers, "firing", {DOWN}, within_s=60)
    told.broken = ""
    expect(receivers, "resolved", {DOWN}, within_s=90)
