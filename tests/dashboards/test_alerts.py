"""The alerts as people meet them: the runbook, the Grafana form, routing labels and inhibition."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from dashboards.source import emit
from dashboards.source.alerts import ALERTS
from dashboards.source.alerts.rule import OWNER_OF_SERIES, PLATFORM
from dashboards.source.records import RECORDS
from tests.dashboards import promql

HOME = Path(__file__).resolve().parents[2] / "dashboards"
RUNBOOK = (HOME / "runbook.md").read_text()
CHAPTERS = {part.splitlines()[0]: part for part in re.split(r"^## ", RUNBOOK, flags=re.M)[1:]}
KNOWN = promql.known_series()
GRAFANA = {rule["title"]: rule for group in yaml.safe_load(emit.grafana_rules())["groups"] for rule in group["rules"]}
BY_NAME = {alert.name: alert for alert in ALERTS}
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)


def test_the_runbook_has_one_chapter_for_each_alert_in_the_same_order() -> None:
    assert [title for title in CHAPTERS if title.startswith("LLM")] == [alert.name for alert in ALERTS]


@each_alert
def test_a_chapter_says_what_it_means_what_to_look_at_what_to_do_and_who_owns_it(alert) -> None:
    chapter = CHAPTERS[alert.name]
    for part in ("**Means**", "**Look at**", "**Do**", "**Owner**"):
        assert chapter.count(part) == 1, f"{alert.name}: {part}"
    assert len(re.findall(r"^\d\. ", chapter, flags=re.M)) == 3, "three things to look at"
    queries = re.findall(r"```(?:promql|traceql)\n(.*?)```", chapter, flags=re.S)
    assert len(queries) == 3, "each with its query"


@pytest.mark.parametrize("query", re.findall(r"```promql\n(.*?)```", RUNBOOK, flags=re.S))
def test_the_queries_of_the_runbook_ask_for_what_exists(query: str) -> None:
    for name, filters in promql.selectors(query.strip()):
        assert name in KNOWN, name
        assert filters <= KNOWN[name], filters - KNOWN[name]


@each_alert
def test_an_alert_reads_only_series_that_exist(alert) -> None:
    for name, filters in promql.selectors(alert.expr):
        assert name in KNOWN, name
        assert filters <= KNOWN[name]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.prometheus)
def test_a_recording_rule_reads_what_exists_and_gives_the_labels_it_declares(record) -> None:
    for name, filters in promql.selectors(record.expr):
        assert name in KNOWN, name
        assert filters <= KNOWN[name]
    wanted = {label.replace(".", "_") for label in record.labels}
    given = [labels for labels, _ in promql.groupings(record.expr)] or [KNOWN[n] for n, _ in promql.selectors(record.expr)]
    assert wanted in given, record.expr


@each_alert
def test_an_alert_is_routed_to_its_owner(alert) -> None:
    assert alert.owner in (OWNER_OF_SERIES, PLATFORM)
    assert alert.severity in ("critical", "warning", "info")
    assert alert.rule_labels["owner"] == alert.owner
    if alert.owner == OWNER_OF_SERIES:
        assert "tellmetry.owner" in alert.labels


@each_alert
def test_texts_are_plain_for_a_person_and_for_both_template_engines(alert) -> None:
    for key, text in alert.annotations.items():
        assert "$" not in text, f"{key}: Grafana expands a dollar sign as an environment variable"
    assert "{{" not in alert.summary, "a summary is constant, so that notifications group by it"
    assert alert.summary.endswith(".")
    assert alert.description.endswith(".")


@each_alert
def test_the_grafana_rule_is_the_prometheus_rule(alert) -> None:
    rule = GRAFANA[alert.name]
    query, any_, fires = rule["data"]
    assert query["model"]["expr"] == alert.expr
    assert (any_["model"]["type"], fires["model"]["type"], rule["condition"]) == ("math", "threshold", "fires")
    assert (rule["for"], rule["keepFiringFor"]) == (alert.for_, alert.keep_firing_for)
    assert (rule["dashboardUid"], rule["panelId"]) == (alert.board.uid, alert.panel.id)
    assert rule["labels"] == alert.rule_labels
    assert " .Value " not in rule["annotations"]["description"]
    assert len(rule["uid"]) <= 40


def test_grafana_uids_are_unique() -> None:
    assert len({rule["uid"] for rule in GRAFANA.values()}) == len(ALERTS)


@each_alert
def test_what_explains_an_alert_is_an_alert_for_the_same_place_and_not_silenced_itself(alert) -> None:
    for cause in alert.because:
        assert cause in BY_NAME
        assert alert.name not in BY_NAME[cause].because, "two alerts that silence each other"
