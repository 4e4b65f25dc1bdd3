"""Every query of every board and every recording rule returns data for the demo's traffic: an empty one fails."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dashboards.view.draw import draw
from dashboards.view.queries import Sources
from tellmetry.operate import contracts
from tellmetry.operate.rules import rendered
from tests.stack import history, rarities
from tests.stack.ask import eventually, query_range, traceql
from tests.stack.demo import demo
from tests.stack.stack import RULES, Stack, stack
from tests.stack.tools import ROOT

pytestmark = pytest.mark.stack

BOARDS = sorted((ROOT / "dashboards").glob("*.json"))
CONTRACTS = ROOT / "src" / "tellmetry" / "demo" / "acme" / "tellmetry.toml"
VARIABLE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?")
WEEK_S, HOURS_S = 7 * 86_400, 3 * 3600
VALUES = {"__rate_interval": "1m", "__interval": "15s", "__range": "15m", "__range_s": "900"}


class Panel(NamedTuple):
    """One query of one panel."""

    board: str
    title: str
    source: str
    query: str


def panels(board: Path) -> Iterator[Panel]:
    """Give every query of a board, with its variables at All."""

    def inside(found: list[dict[str, Any]]) -> Iterator[Panel]:
        for panel in found:
            yield from inside(panel.get("panels", []))
            for target in panel.get("targets", ()):
                text = target.get("expr") or target["query"]
                query = VARIABLE.sub(lambda name: VALUES.get(name.group(1), ".*"), text)
                yield Panel(board.stem, panel.get("title", ""), target["datasource"]["type"], query)

    return inside(json.loads(board.read_text())["panels"])


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack after the demo, with rules that are evaluated at once and a week's worth of past."""
    home = tmp_path_factory.mktemp("stack")
    rules = tmp_path_factory.mktemp("rules")
    texts = {file.name: file.read_text() for file in RULES.glob("*.yaml")}
    texts["contracts.yaml"] = rendered(contracts.read(CONTRACTS).by_workflow.values(), CONTRACTS.name)
    for name, text in texts.items():
        (rules / name).write_text(re.sub(r"interval: \w+", "interval: 1s", text))
    now = int(time.time())
    last_week = range(now - WEEK_S - HOURS_S, now - WEEK_S + HOURS_S, 60)
    moments = [*last_week, *range(now - HOURS_S, now - 600, 60)]
    records = ("llm:cost_usd:rate5m", "llm:cost_usd:rate15m")
    history.write(home / "prometheus" / "data", {history.of(one, "lead_triage", "ops"): 0.001 for one in records}, moments)
    with stack(rules=rules, home=home) as servers:
        demo(servers, home)
        demo(servers, home, "--load", "60")
        rarities.send(servers.collector.url)
        yield servers


def answer(servers: Stack, panel: Panel) -> list[Any]:
    """Run a panel's query on the server it is for."""
    if panel.source == "tempo":
        return traceql(servers.tempo.url, panel.query)
    now = time.time()
    found = query_range(servers.prometheus.url, panel.query, now - 300, now, 5)
    return [series for series in found if any(value != "NaN" for _, value in series["values"])]


@pytest.mark.parametrize("panel", [panel for board in BOARDS for panel in panels(board)], ids=lambda one: f"{one.board}: {one.title}")
def test_panel_is_fed(fed: Stack, panel: Panel) -> None:
    assert eventually(lambda: answer(fed, panel), bool, within_s=10), panel.query


@pytest.mark.parametrize("board", [board.stem for board in BOARDS])
def test_board_is_drawn(fed: Stack, board: str, tmp_path: Path) -> None:
    """Grafana's own components know every option of it and draw every panel: no error, no "No data"."""
    picture = tmp_path / "board.png"

    def complaints() -> list[str]:
        now = int(time.time())
        return draw(board, Sources(fed.prometheus.url, fed.tempo.url, now - 300, now), picture)

    assert eventually(complaints, lambda found: not found, within_s=60) == []
    assert picture.stat().st_size > 50_000
