"""Grafana's classic dashboard JSON in plain dicts: what a panel is made of and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JSON = dict[str, Any]
Kind = Literal["stat", "timeseries", "table", "bargauge", "text"]

PLUGIN_VERSION = "13.2.3"
PROMETHEUS: JSON = {"type": "prometheus", "uid": "${datasource}"}
TEMPO: JSON = {"type": "tempo", "uid": "${tempo}"}
# Links carry these on, so that a click never loses what was selected.
CARRIED = ("datasource", "tempo", "environment", "service", "workflow", "provider", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question to Prometheus, or to Tempo when `trace` is set."""

    expr: str
    legend: str = ""
    instant: bool = False
    exemplar: bool = False
    trace: bool = False

    def json(self, ref: str, kind: Kind) -> JSON:
        """Write the panel target."""
        if self.trace:
            return {
                "datasource": TEMPO, "filters": [], "limit": 20, "query": self.expr, "queryType": "traceql",
                "refId": ref, "tableType": "traces",
            }  # fmt: skip
        return {
            "datasource": PROMETHEUS, "editorMode": "code", "exemplar": self.exemplar, "expr": self.expr,
            "format": "table" if kind == "table" else "time_series", "instant": self.instant,
            "legendFormat": self.legend or "__auto", "range": not self.instant, "refId": ref,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A way on: to another board with the time range and variables kept, `pick` narrowing some of them."""

    title: str
    uid: str
    pick: Mapping[str, str] = field(default_factory=dict)
    panel: int | None = None

    @property
    def url(self) -> str:
        """Give the link as Grafana interpolates it."""
        kept = "&".join(f"${{{name}:queryparam}}" for name in CARRIED if name not in self.pick)
        picked = "".join(f"&var-{name}={value}" for name, value in self.pick.items())
        view = f"&viewPanel=panel-{self.panel}" if self.panel else ""
        return f"/d/{self.uid}?${{__url_time_range}}&{kept}{picked}{view}"

    def json(self) -> JSON:
        """Write the data link."""
        return {"targetBlank": False, "title": self.title, "url": self.url}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel: what it shows, what it means, when it is bad, what it says when empty and where it leads."""

    id: int
    title: str
    says: str
    kind: Kind
    queries: tuple[Query, ...] = ()
    unit: str = "short"
    decimals: int | None = None
    limit: float | None = None
    bad_below: bool = False
    empty: str = ""
    width: int = 12
    height: int = 8
    links: tuple[Link, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[JSON, ...] = ()
    transformations: tuple[JSON, ...] = ()
    time_from: str = ""
    floor: float | None = 0.0

    def json(self, x: int, y: int) -> JSON:
        """Write the panel at its place on the grid."""
        panel: JSON = {
            "description": self.says, "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "id": self.id, "options": dict(self.options), "pluginVersion": PLUGIN_VERSION,
            "title": self.title, "type": self.kind,
        }  # fmt: skip
        if self.kind == "text":
            return {**panel, "fieldConfig": {"defaults": {}, "overrides": []}}
        panel |= {"datasource": self._datasource(), "fieldConfig": self._fields(), "targets": self._targets()}
        if self.transformations:
            panel["transformations"] = list(self.transformations)
        if self.time_from:
            panel |= {"timeFrom": self.time_from, "hideTimeOverride": False}
        return panel

    def _datasource(self) -> JSON:
        return TEMPO if any(query.trace for query in self.queries) else PROMETHEUS

    def _targets(self) -> list[JSON]:
        return [query.json(chr(ord("A") + at), self.kind) for at, query in enumerate(self.queries)]

    def _fields(self) -> JSON:
        defaults: JSON = {
            "color": {"mode": "palette-classic-by-name" if self.kind == "timeseries" else "thresholds"},
            "custom": dict(self.custom), "links": [link.json() for link in self.links], "mappings": [],
            "noValue": self.empty, "thresholds": thresholds(self.limit, bad_below=self.bad_below), "unit": self.unit,
        }  # fmt: skip
        if self.decimals is not None:
            defaults["decimals"] = self.decimals
        if self.floor is not None and self.kind != "table":
            defaults["min"] = self.floor
        return {"defaults": defaults, "overrides": list(self.overrides)}


def thresholds(limit: float | None, *, bad_below: bool = False) -> JSON:
    """Write one limit as steps; without one, say so, since Grafana would add red at 80 by itself."""
    if limit is None:
        steps: list[JSON] = [{"color": "text", "value": None}]
    else:
        calm, bad = ("red", "green") if bad_below else ("green", "red")
        steps = [{"color": calm, "value": None}, {"color": bad, "value": limit}]
    return {"mode": "absolute", "steps": steps}


def override(name: str, **properties: Any) -> JSON:
    """Change one field by its name; `custom__x` spells the property `custom.x`."""
    return _override("byName", name, properties)


def by_type(kind: str, **properties: Any) -> JSON:
    """Change all fields of a type, such as `number`."""
    return _override("byType", kind, properties)


def by_pattern(pattern: str, **properties: Any) -> JSON:
    """Change all fields whose names match a pattern."""
    return _override("byRegexp", f"/{pattern}/", properties)


def _override(matcher: str, options: str, properties: Mapping[str, Any]) -> JSON:
    values = [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]
    return {"matcher": {"id": matcher, "options": options}, "properties": values}


def colour(name: str, hue: str) -> JSON:
    """Give one series the hue of its meaning."""
    return override(name, color={"fixedColor": hue, "mode": "fixed"})
