"""The same alerts in two formats: Prometheus rule files and Grafana's file provisioning."""

from __future__ import annotations

import re
from typing import Any

import yaml
from dashboards.source.alerts import ALERTS, GROUPS
from dashboards.source.alerts.rule import Alert
from dashboards.source.board import COMMAND
from dashboards.source.records import DAYS, INTERVAL_S, MINUTES, SLOW_INTERVAL_S, Recorded

HEADER = f"# Rendered from dashboards/source by `{COMMAND}`: do not edit.\n"
FOLDER = "LLM"


class _Dumper(yaml.SafeDumper):
    """Writes what spans several lines as a block, so that an expression reads as it was written."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _yaml(document: dict[str, Any], remark: str = "") -> str:
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return HEADER + remark + body


def day_rules() -> str:
    """Give the rule file of what looks back over days; it is dear, so that tests of the other one do without."""
    return _yaml({"groups": [_records("llm.days", SLOW_INTERVAL_S, DAYS)]})


def prometheus_rules() -> str:
    """Give the rule file: what is recorded every minute, then what alerts."""
    groups = [_records("llm.minutes", INTERVAL_S, MINUTES)]
    for name, alerts in GROUPS.items():
        groups.append({"name": name, "interval": f"{INTERVAL_S}s", "rules": [_prometheus(alert) for alert in alerts]})
    return _yaml({"groups": groups})


def _records(name: str, interval_s: int, records: tuple[Recorded, ...]) -> dict[str, Any]:
    rules = [{"record": record.prometheus, "expr": record.expr} for record in records]
    return {"name": name, "interval": f"{interval_s}s", "rules": rules}


def _prometheus(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name, "expr": alert.expr, "for": alert.for_, "keep_firing_for": alert.keep_firing_for,
        "labels": alert.rule_labels, "annotations": alert.annotations,
    }  # fmt: skip


GRAFANA_REMARK = """\
# For those whose Grafana alerts and who run no Alertmanager: put it into provisioning/alerting. It needs the recording
# rules of ../llm.yaml in Prometheus and a data source with the uid `prometheus`. Never use it beside the alerts of
# ../llm.yaml, or every alert comes twice.
"""


def grafana_rules() -> str:
    """Give the same alerts for Grafana's file provisioning."""
    groups = [
        {
            "orgId": 1,
            "name": name,
            "folder": FOLDER,
            "interval": f"{INTERVAL_S}s",
            "rules": [_grafana(a) for a in alerts],
        }
        for name, alerts in GROUPS.items()
    ]
    return _yaml({"apiVersion": 1, "groups": groups}, GRAFANA_REMARK)


def _grafana(alert: Alert) -> dict[str, Any]:
    """Write one rule: any series that the expression returns fires, its value unchanged for the description."""
    values = {key: re.sub(r"\.Value\b", ".Values.query.Value", text) for key, text in alert.annotations.items()}
    return {
        "uid": re.sub(r"(?<!^)(?=[A-Z][a-z])", "-", alert.name).lower(), "title": alert.name, "condition": "fires",
        "data": [_asked(alert.expr), _expression("any", type="math", expression="is_number($query) || is_nan($query)"),
                 _expression("fires", type="threshold", expression="any",
                             conditions=[{"evaluator": {"params": [0], "type": "gt"}}])],
        "dashboardUid": alert.board.uid, "panelId": alert.panel.id, "noDataState": "OK", "execErrState": "Error",
        "for": alert.for_, "keepFiringFor": alert.keep_firing_for, "labels": alert.rule_labels, "annotations": values,
    }  # fmt: skip


def _asked(expr: str) -> dict[str, Any]:
    return {
        "refId": "query", "relativeTimeRange": {"from": 600, "to": 0}, "datasourceUid": "prometheus",
        "model": {"expr": expr, "instant": True, "range": False, "refId": "query"},
    }  # fmt: skip


def _expression(ref: str, **model: Any) -> dict[str, Any]:
    source = {"type": "__expr__", "uid": "__expr__"}
    return {
        "refId": ref, "relativeTimeRange": {"from": 0, "to": 0}, "datasourceUid": "__expr__",
        "model": {"datasource": source, "refId": ref, **model},
    }  # fmt: skip


INHIBIT_REMARK = """\
# The inhibit_rules of collector/alertmanager.yml: while the cause fires, its symptoms for the same place stay silent.
"""


def inhibit_rules() -> str:
    """Give Alertmanager's inhibition rules: causes over symptoms."""
    rules = [
        {
            "source_matchers": [f'alertname="{cause}"'],
            "target_matchers": [f'alertname=~"{"|".join(symptoms)}"'],
            "equal": _shared(cause, symptoms),
        }
        for cause, symptoms in _symptoms().items()
    ]
    return _yaml({"inhibit_rules": rules}, INHIBIT_REMARK)


def _symptoms() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for alert in ALERTS:
        for cause in alert.because:
            found.setdefault(cause, []).append(alert.name)
    return found


def _shared(cause: str, symptoms: list[str]) -> list[str]:
    """Give the labels of a place that the cause and all of its symptoms have; a broken pipeline has none."""
    concerned = [alert for alert in ALERTS if alert.name == cause or alert.name in symptoms]
    first = concerned[0].labels
    return [label.replace(".", "_") for label in first if all(label in alert.labels for alert in concerned)]
