"""The shipped boards, checked: the rules of grafana/dashboard-linter, ported, and ours.

Not ported, with the reason: template-job, template-instance, target-job, target-instance (data by OTLP is told apart by
`service_name`, it has no scrape job), target-logql and target-logql-auto (no board reads logs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import combinations
from pathlib import Path

import pytest

from dashboards.source.alerts import ALERTS
from dashboards.source.foreign import TRACED
from dashboards.source.limits import LIMITS, Limits
from dashboards.source.uids import PIPELINE
from tests.dashboards import promql

HOME = Path(__file__).resolve().parents[2] / "dashboards"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(HOME.glob("*.json"))}
UIDS = {board["uid"]: board for board in BOARDS.values()}

# Unit ids of Grafana's registry that the boards use; a misspelt one falls back to a bare number without a word.
UNITS = {
    "bytes", "cps", "currencyUSD", "dateTimeFromNow", "none", "percentunit", "reqps", "s", "short",
}  # fmt: skip
KINDS = {"bargauge", "row", "stat", "table", "text", "timeseries"}
# What a counter may be wrapped in; the level of a counter says nothing.
GROWTH = ("rate", "increase", "irate", "last_over_time", "count_over_time", "min_over_time")
LIMIT_VALUES = {
    *asdict(LIMITS).values(), *(getattr(LIMITS, n) for n, v in vars(Limits).items() if isinstance(v, property)), 1,
}  # fmt: skip


def panels(board: dict) -> Iterator[dict]:
    """Walk over all panels, rows included, open or closed."""
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", ())


def shown(board: dict) -> list[dict]:
    return [panel for panel in panels(board) if panel["type"] not in ("row", "text")]


def targets(board: dict) -> Iterator[tuple[dict, dict]]:
    """Give each panel with each of its Prometheus queries."""
    for panel in shown(board):
        for target in panel["targets"]:
            if target["datasource"]["type"] == "prometheus":
                yield panel, target


EVERY_PANEL = [pytest.param(p, id=f"{name}-{p['id']}") for name, board in BOARDS.items() for p in shown(board)]
EVERY_TARGET = [
    pytest.param(p, t, id=f"{name}-{p['id']}{t['refId']}") for name, board in BOARDS.items() for p, t in targets(board)
]
EVERY_BOARD = [pytest.param(board, id=name) for name, board in BOARDS.items()]
KNOWN = promql.known_series()


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_a_board_is_provisioned_and_not_edited(board: dict) -> None:
    assert board["editable"] is False
    assert (board["schemaVersion"], board["refresh"], board["graphTooltip"]) == (42, "1m", 1)
    assert "tellmetry" in board["tags"]
    assert board["id"] is None


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_a_board_has_one_prometheus_variable_under_its_usual_name(board: dict) -> None:
    sources = [v for v in board["templating"]["list"] if v["type"] == "datasource"]
    assert [(v["name"], v["label"]) for v in sources if v["query"] == "prometheus"] == [("datasource", "Data source")]


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_choices_follow_the_time_range_offer_all_and_ask_for_what_exists(board: dict) -> None:
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        assert variable["refresh"] == 2
        assert variable["includeAll"]
        assert variable["allValue"] == ".*"
        asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
        assert asked, variable["definition"]
        ((name, filters),) = promql.selectors(asked[1])
        assert filters | {asked[2]} <= KNOWN[name]


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_every_variable_is_used_and_every_used_one_exists(board: dict) -> None:
    text = json.dumps([board["panels"], board["annotations"]])
    used = set(re.findall(r"\$\{?(?!__)([a-z]+)", text)) | set(re.findall(r"[&?]var-(\w+)=", text))
    assert used == {variable["name"] for variable in board["templating"]["list"]}


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_ids_are_unique_and_the_board_is_not_too_long(board: dict) -> None:
    ids = [panel["id"] for panel in panels(board)]
    assert len(ids) == len(set(ids))
    assert 0 not in ids
    assert 12 <= len([p for p in panels(board) if p["type"] != "row"]) <= 20


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_no_panel_lies_on_another_or_off_the_grid(board: dict) -> None:
    for panel in panels(board):
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
    for one, other in combinations([p for p in board["panels"] if not p.get("collapsed")], 2):
        a, b = one["gridPos"], other["gridPos"]
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart, f"{one['title']} lies on {other['title']}"


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_the_first_row_has_at_most_six_stats(board: dict) -> None:
    top = [p for p in board["panels"] if p["gridPos"]["y"] == 0]
    assert 1 <= len([p for p in top if p["type"] == "stat"]) <= 6


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_says_what_it_is(panel: dict) -> None:
    assert panel["type"] in KINDS
    assert panel["title"]
    assert panel["description"].endswith((".", "?")), "a description is at least one sentence"
    assert panel["fieldConfig"]["defaults"]["noValue"], "an empty panel says what that means"
    assert panel["targets"]


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_has_a_known_unit_and_no_accidental_threshold(panel: dict) -> None:
    defaults, overrides = panel["fieldConfig"]["defaults"], panel["fieldConfig"]["overrides"]
    properties = [p for override in overrides for p in override["properties"]]
    assert {defaults["unit"], *(p["value"] for p in properties if p["id"] == "unit")} <= UNITS
    for thresholds in [defaults["thresholds"], *(p["value"] for p in properties if p["id"] == "thresholds")]:
        limits = [step["value"] for step in thresholds["steps"] if step["value"] is not None]
        assert set(limits) <= LIMIT_VALUES, "a limit that is no field of Limits"
        assert len(limits) <= 1


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_reads_from_the_chosen_data_source(panel: dict) -> None:
    for source in [panel["datasource"], *(target["datasource"] for target in panel["targets"])]:
        assert source["uid"] == {"prometheus": "${datasource}", "tempo": "${tempo}"}[source["type"]]


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_latency_over_time_shows_exemplars_that_exist(panel: dict) -> None:
    """signal_to_metrics gives none, so a flag on its series would be a dead one; only this histogram carries them."""
    asked = [target for target in panel["targets"] if target.get("exemplar")]
    assert all(f"{TRACED.prometheus}_bucket" in target["expr"] for target in asked)
    text = " ".join(target.get("expr", "") for target in panel["targets"])
    if panel["type"] == "timeseries" and re.search(r"llm_(duration|time_to_first_chunk)_seconds_bucket", text):
        assert asked


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_a_board_of_traces_leads_to_them(board: dict) -> None:
    """Cost has no exemplars, so its way to a trace is a list of the dear ones."""
    if board["uid"] != PIPELINE:
        assert any(panel["datasource"]["type"] == "tempo" for panel in shown(board))


@pytest.mark.parametrize(("panel", "target"), EVERY_TARGET)
def test_a_query_is_promql_over_series_that_exist(panel: dict, target: dict) -> None:
    for name, filters in promql.selectors(target["expr"]):
        assert name in KNOWN, f"nobody writes {name}"
        assert filters <= KNOWN[name], f"{name} has no label {filters - KNOWN[name]}"
    for labels, under in promql.groupings(target["expr"]):
        known = set.intersection(*(KNOWN[name] for name in under)) if under else set()
        assert labels <= known | {"le", "__name__"}, f"by {labels - known} of {under}"


@pytest.mark.parametrize(("panel", "target"), EVERY_TARGET)
def test_a_query_never_shows_the_level_of_a_counter(panel: dict, target: dict) -> None:
    counters = [name for name, _ in promql.selectors(target["expr"]) if name.endswith(("_total", "_bucket", "_count", "_sum"))]
    wrapped = [name for function in GROWTH for name in promql.ranges_over(target["expr"], function)]
    assert sorted(counters) == sorted(name for name in wrapped if name in counters)


@pytest.mark.parametrize(("panel", "target"), EVERY_TARGET)
def test_a_rate_over_time_follows_the_zoom(panel: dict, target: dict) -> None:
    if panel["type"] == "timeseries":
        windows = re.findall(r"\b(?:rate|increase)\([^\[]+\[([^\]]+)\]", target["expr"])
        assert set(windows) <= {"$__rate_interval", "$__interval"}


@pytest.mark.parametrize(("panel", "target"), EVERY_TARGET)
def test_a_filterable_series_is_filtered(panel: dict, target: dict) -> None:
    """A board whose variables do nothing in one panel lies in that panel."""
    for name, filters in promql.selectors(target["expr"]):
        if name.startswith("llm") and not name.startswith("llm:contract"):
            assert {"service_name", "deployment_environment_name", "tellmetry_workflow"} & KNOWN[name] <= filters, name


def links(value: object) -> Iterator[str]:
    """Find every address below some JSON."""
    if isinstance(value, dict):
        yield from ([value["url"]] if value.get("url") else [])
        yield from (url for below in value.values() for url in links(below))
    elif isinstance(value, list):
        yield from (url for below in value for url in links(below))


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_links_lead_to_shipped_boards_and_keep_time_and_variables(board: dict) -> None:
    assert all(link["keepTime"] and link["includeVars"] for link in board["links"])
    variables = {variable["name"] for variable in board["templating"]["list"]}
    for url in links(board["panels"]):
        path = re.match(r"/d/([\w-]+)\?\$\{__url_time_range\}&", url)
        assert path, url
        assert path[1] in UIDS, f"{url} leads nowhere"
        assert set(re.findall(r"\$\{(\w+):queryparam\}", url)) | set(re.findall(r"var-(\w+)=", url)) == variables


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_every_panel_leads_on(board: dict) -> None:
    """Stat to board, line to board, row of a table to the thing itself; what leads nowhere is a dead end."""
    for panel in shown(board):
        is_traces = panel["datasource"]["type"] == "tempo"
        assert is_traces or list(links(panel["fieldConfig"])), f"{panel['title']} leads nowhere"


@pytest.mark.parametrize("board", EVERY_BOARD)
def test_deploys_prompt_versions_and_alerts_are_marked(board: dict) -> None:
    marks = {mark["name"]: mark for mark in board["annotations"]["list"]}
    assert set(marks) == {"Annotations & Alerts", "Deploys", "Prompt versions", "Alerts"}
    for name in ("Prompt versions", "Alerts"):
        for series, filters in promql.selectors(marks[name]["expr"]):
            assert filters <= KNOWN[series]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_points_to_a_panel_that_draws_its_limit(alert) -> None:
    panel = {p["id"]: p for p in panels(UIDS[alert.board.uid])}[alert.panel.id]
    steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
    if alert.limit is not None:
        assert alert.limit in steps, f"{panel['title']} draws {steps}"
    if alert.limit is not None and panel["type"] == "timeseries":
        assert panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] == "dashed"
