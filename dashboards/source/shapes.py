"""The five shapes a panel can have here, and the trace list; each fixes what is the same for all of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.source.grammar import JSON, Link, Panel, Query, by_pattern, by_type, override, thresholds

NOTHING = "Nothing in this time range"
_WIDE = 12
_BOUNDS = ("target ", "limit of ", "usual ")  # what a legend of a contract's line begins with: a line to compare with, no area
_UNKNOWN = "\N{EN DASH}"  # in a cell, where the other columns of the row know something


def stat(number: int, title: str, says: str, expr: str, **more: Any) -> Panel:
    """Show one number, red beyond its limit."""
    options = {
        "colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto",
        "percentChangeColorMode": "standard", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "showPercentChange": False, "textMode": "auto", "wideLayout": True,
    }  # fmt: skip
    settings = {"width": 4, "height": 5, "empty": NOTHING, **more}
    if settings.pop("instant", False):
        return Panel(
            id=number, title=title, says=says, kind="stat", queries=(Query(expr=expr, legend=title, instant=True),),
            options={**options, "graphMode": "none"}, **settings,
        )  # fmt: skip
    query = Query(expr=expr, legend=title)
    return Panel(id=number, title=title, says=says, kind="stat", queries=(query,), options=options, **settings)


def series(number: int, title: str, says: str, *queries: Query, **more: Any) -> Panel:
    """Draw lines over time, with the alert's limit as a dashed one."""
    settings: dict[str, Any] = {"width": 12, "height": 8, "empty": NOTHING, **more}
    stacked = settings.pop("stacked", False)
    custom = {
        "axisBorderShow": False, "axisCenteredZero": False, "axisLabel": "", "axisPlacement": "auto",
        "barAlignment": 0, "drawStyle": "line", "fillOpacity": 40 if stacked else 10, "gradientMode": "none",
        "hideFrom": {"legend": False, "tooltip": False, "viz": False}, "lineInterpolation": "linear", "lineWidth": 1,
        "pointSize": 4, "scaleDistribution": {"type": "linear"}, "showPoints": "auto", "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
        "thresholdsStyle": {"mode": "dashed" if settings.get("limit") is not None else "off"},
    }  # fmt: skip
    if any(query.legend.startswith(_BOUNDS) for query in queries):
        dashed = {"dash": [8, 6], "fill": "dash"}
        bounds = by_pattern(f"^({'|'.join(_BOUNDS)})", custom__fillOpacity=0, custom__lineStyle=dashed)
        settings["overrides"] = (*settings.get("overrides", ()), bounds)
    options = {
        "legend": _legend(settings["width"]),
        "tooltip": {"hideZeros": False, "mode": "multi", "sort": "desc"},
    }  # fmt: skip
    return Panel(
        id=number,
        title=title,
        says=says,
        kind="timeseries",
        queries=queries,
        custom=custom,
        options=options,
        **settings,
    )


def _legend(width: int) -> JSON:
    """Set the legend beside a wide chart, where all of it is seen, and in one line under a narrow one."""
    if width >= _WIDE:
        return {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "right", "showLegend": True}
    return {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}


def bars(number: int, title: str, says: str, expr: str, legend: str, **more: Any) -> Panel:
    """Rank a few things by one number."""
    options = {
        "displayMode": "basic", "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 32, "minVizHeight": 16, "minVizWidth": 8, "namePlacement": "auto", "orientation": "horizontal",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "showUnfilled": True,
        "sizing": "auto", "valueMode": "color",
    }  # fmt: skip
    query = Query(expr=f"sort_desc(topk(10, {expr}))", legend=legend, instant=True)
    settings = {"width": 8, "height": 8, "empty": NOTHING, **more}
    return Panel(id=number, title=title, says=says, kind="bargauge", queries=(query,), options=options, **settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One measured column of a table."""

    title: str
    expr: str
    unit: str = "short"
    decimals: int | None = None
    limit: float | None = None
    bad_below: bool = False
    gauge: bool = False
    link: Link | None = None


def table(  # noqa: PLR0913 - what a table is made of
    number: int, title: str, says: str, keys: Mapping[str, str], columns: tuple[Column, ...], *, key_link: Link | None = None,
    **more: Any,
) -> Panel:  # fmt: skip
    """Lay out measurements side by side, one row for each set of `keys` (label to heading), sorted by the first column."""
    refs = [chr(ord("A") + at) for at in range(len(columns))]
    shown = [*keys.values(), *(column.title for column in columns)]
    values = {f"Value #{ref}" if len(refs) > 1 else "Value": c.title for ref, c in zip(refs, columns, strict=True)}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: at for at, name in enumerate([*keys, *values])},
        "renameByName": {**keys, **values},
    }
    overrides = [by_type("number", noValue=_UNKNOWN), *(_cell(column) for column in columns)]
    if key_link:
        overrides.insert(1, override(shown[0], links=[key_link.json()]))
    merge: list[JSON] = [{"id": "merge", "options": {}}] if len(refs) > 1 else []
    sort = {"fields": {}, "sort": [{"desc": True, "field": columns[0].title}]}
    settings = {"width": 24, "height": 9, "empty": NOTHING, **more}
    return Panel(
        id=number, title=title, says=says, kind="table",
        queries=tuple(Query(expr=column.expr, instant=True) for column in columns),
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "filterable": False, "inspect": False},
        options={"cellHeight": "sm", "showHeader": True, "sortBy": [{"desc": True, "displayName": columns[0].title}]},
        overrides=tuple(overrides),
        transformations=(*merge, {"id": "organize", "options": organize}, {"id": "sortBy", "options": sort}),
        **settings,
    )  # fmt: skip


def _cell(column: Column) -> JSON:
    properties: dict[str, Any] = {"unit": column.unit}
    if column.decimals is not None:
        properties["decimals"] = column.decimals
    if column.limit is not None:
        properties["thresholds"] = thresholds(column.limit, bad_below=column.bad_below)
        properties["custom__cellOptions"] = {"type": "color-text"}
        properties["color"] = {"mode": "thresholds"}
    if column.gauge:
        properties["custom__cellOptions"] = {"mode": "basic", "type": "gauge", "valueDisplayMode": "text"}
        properties["min"] = 0
    if column.link:
        properties["links"] = [column.link.json()]
    return override(column.title, **properties)


def traces(number: int, title: str, says: str, traceql: str, **more: Any) -> Panel:
    """List the newest traces that match, each a click away from its spans."""
    settings = {"width": 12, "height": 9, "empty": "No such trace in this time range", **more}
    return Panel(
        id=number, title=title, says=says, kind="table", queries=(Query(expr=traceql, trace=True),),
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "filterable": False, "inspect": False},
        options={"cellHeight": "sm", "showHeader": True, "sortBy": [{"desc": True, "displayName": "Start time"}]},
        **settings,
    )  # fmt: skip


def about(number: int, markdown: str, **more: Any) -> Panel:
    """Say in words who owns the board, where it comes from and where to go next."""
    code = {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False}
    options = {"code": code, "content": markdown, "mode": "markdown"}
    settings, title = {"width": 24, "height": 4, **more}, "About this board"
    return Panel(id=number, title=title, says=title, kind="text", options=options, **settings)
