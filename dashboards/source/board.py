"""A board: rows of panels on Grafana's grid of 24, with the variables, annotations and links that all boards share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dashboards.source import foreign, records
from dashboards.source.grammar import CARRIED, JSON, PROMETHEUS, Panel
from dashboards.source.query import BOARD, Reader, by

from tellmetry import names

SCHEMA = 42
TAG = "tellmetry"
COMMAND = "python -m dashboards.source"
GRAFANA: JSON = {"type": "grafana", "uid": "-- Grafana --"}

# Each variable offers what the ones before it leave over.
CHOICES: tuple[tuple[str, str, str], ...] = (
    ("environment", "Environment", names.ENVIRONMENT),
    ("service", "Service", names.SERVICE_NAME),
    ("workflow", "Workflow", names.WORKFLOW),
    ("provider", "Provider", names.PROVIDER),
    ("model", "Model", names.REQUEST_MODEL),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading; `closed` rows do not ask anything until someone opens them. Id 0 is a row without heading."""

    id: int
    title: str
    panels: tuple[Panel, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard with a uid that never changes."""

    uid: str
    title: str
    says: str
    rows: tuple[Row, ...]
    span: str = "now-6h"

    @property
    def panels(self) -> Iterator[Panel]:
        """Walk over every panel, those of closed rows included."""
        return (panel for row in self.rows for panel in row.panels)

    def json(self) -> JSON:
        """Write the dashboard as file provisioning and the HTTP API take it."""
        return {
            "annotations": {"list": _annotations()}, "description": f"{self.says} Rendered by `{COMMAND}`: do not edit.",
            "editable": False, "fiscalYearStartMonth": 0, "graphTooltip": 1, "id": None, "links": _links(),
            "panels": list(_place(self.rows)), "preload": False, "refresh": "1m", "schemaVersion": SCHEMA,
            "tags": [TAG, "llm"], "templating": {"list": _variables()}, "time": {"from": self.span, "to": "now"},
            "timepicker": {}, "timezone": "browser", "title": self.title, "uid": self.uid, "version": 1, "weekStart": "",
        }  # fmt: skip

    def text(self) -> str:
        """Give the file's exact content."""
        return json.dumps(self.json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _place(rows: tuple[Row, ...]) -> Iterator[JSON]:
    y = 0
    for row in rows:
        below = y + 1 if row.id else y
        placed, bottom = _flow(row.panels, below)
        if row.id:
            yield {
                "collapsed": row.closed, "gridPos": {"h": 1, "w": 24, "x": 0, "y": y}, "id": row.id,
                "panels": placed if row.closed else [], "title": row.title, "type": "row",
            }  # fmt: skip
        yield from () if row.closed else placed
        y = below if row.closed else bottom


def _flow(panels: tuple[Panel, ...], y: int) -> tuple[list[JSON], int]:
    """Set panels from left to right, all of a line as tall as its tallest; one that does not fit starts a new line."""
    placed: list[JSON] = []
    for line in _lines(panels):
        x, tallest = 0, max(panel.height for panel in line)
        for panel in line:
            placed.append(replace(panel, height=tallest).json(x, y))
            x += panel.width
        y += tallest
    return placed, y


def _lines(panels: tuple[Panel, ...]) -> Iterator[list[Panel]]:
    line: list[Panel] = []
    for panel in panels:
        if sum(one.width for one in line) + panel.width > 24:
            yield line
            line = []
        line.append(panel)
    if line:
        yield line


def _variables() -> list[JSON]:
    sources = [_source("datasource", "Data source", "prometheus"), _source("tempo", "Trace source", "tempo")]
    choices = [_choice(*choice, CHOICES[:at]) for at, choice in enumerate(CHOICES)]
    listed = [*sources, *choices]
    if tuple(variable["name"] for variable in listed) != CARRIED:
        raise ValueError("links carry other variables than the boards have")
    return listed


def _source(name: str, label: str, plugin: str) -> JSON:
    return {
        "current": {"selected": False, "text": plugin.title(), "value": plugin}, "hide": 0, "includeAll": False,
        "label": label, "multi": False, "name": name, "options": [], "query": plugin, "refresh": 1, "regex": "",
        "skipUrlSync": False, "type": "datasource",
    }  # fmt: skip


def _choice(name: str, label: str, attribute: str, before: tuple[tuple[str, str, str], ...]) -> JSON:
    narrowed = Reader("", {earlier: variable for variable, _, earlier in before})
    query = f"label_values({narrowed.select(names.CALLS)}, {names.label(attribute)})"
    return {
        "allValue": ".*", "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "datasource": PROMETHEUS,
        "definition": query, "hide": 0, "includeAll": True, "label": label, "multi": True, "name": name, "options": [],
        "query": {"qryType": 1, "query": query, "refId": f"Variable-{name}"}, "refresh": 2, "regex": "",
        "skipUrlSync": False, "sort": 1, "type": "query",
    }  # fmt: skip


def _annotations() -> list[JSON]:
    seen = BOARD.select(records.PROMPTS)
    older = f"last_over_time({seen}[1d] offset 5m)"
    firing = f'{foreign.ALERTS.prometheus}{{alertname=~"LLM.*", alertstate="firing"}}'
    name, version = names.label(names.PROMPT_NAME), names.label(names.PROMPT_VERSION)
    known = by(*records.PROMPTS.labels)
    return [
        {
            "builtIn": 1, "datasource": GRAFANA, "enable": True, "hide": True, "iconColor": "rgba(0, 211, 255, 1)",
            "name": "Annotations & Alerts", "type": "dashboard",
        },
        {
            "datasource": GRAFANA, "enable": True, "iconColor": "blue", "name": "Deploys",
            "target": {"limit": 100, "matchAny": False, "tags": ["deploy"], "type": "tags"},
        },
        _marks("Prompt versions", f"{seen} unless on ({known}) {older}", "purple", f"{{{{{name}}}}} → {{{{{version}}}}}"),
        _marks("Alerts", firing, "red", "{{alertname}} {{" + names.label(names.WORKFLOW) + "}}"),
    ]  # fmt: skip


def _marks(name: str, expr: str, hue: str, title: str) -> JSON:
    return {
        "datasource": PROMETHEUS, "enable": True, "expr": expr, "iconColor": hue, "name": name, "step": "60s",
        "titleFormat": title, "useValueForTime": False,
    }  # fmt: skip


def _links() -> list[JSON]:
    return [
        {
            "asDropdown": False, "icon": "external link", "includeVars": True, "keepTime": True, "tags": [TAG],
            "targetBlank": False, "title": "LLM boards", "tooltip": "", "type": "dashboards", "url": "",
        }
    ]  # fmt: skip
