"""Ask every query of a board as Grafana would: variables filled in, ranges and steps as wide as the panel."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
_VARIABLE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?")
_POINTS = 400  # about one for each two pixels of a half-wide panel
_SCRAPE_S = 15  # the data source's interval: no step is shorter


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the answers come from, and the seconds since the epoch between which they are asked for."""

    prometheus: str
    tempo: str | None
    start: int
    end: int

    @property
    def step(self) -> int:
        return max((self.end - self.start) // _POINTS, _SCRAPE_S)


def drawing(board: JSON, sources: Sources, chosen: dict[str, str]) -> JSON:
    """Give what the page draws: the board, the range, the values of variables and every answer."""
    answers = {panel["id"]: _answers(panel, sources, chosen) for panel in board["panels"]}
    return {
        "board": board, "from": sources.start * 1000, "to": sources.end * 1000, "chosen": chosen, "answers": answers,
    }  # fmt: skip


def _answers(panel: JSON, sources: Sources, chosen: dict[str, str]) -> JSON:
    return {target["refId"]: _answer(target, sources, chosen) for target in panel.get("targets", ())}


def _answer(target: JSON, sources: Sources, chosen: dict[str, str]) -> JSON:
    if target["datasource"]["type"] == "tempo":
        return {"kind": "tempo", "body": _traces(_filled(target["query"], sources, chosen), target["limit"], sources)}
    expr = _filled(target["expr"], sources, chosen)
    if target["instant"]:
        return {"kind": "prometheus", "body": _get(sources.prometheus, "/api/v1/query", query=expr, time=sources.end)}
    asked = {"query": expr, "start": sources.start, "end": sources.end, "step": sources.step}
    return {"kind": "prometheus", "body": _get(sources.prometheus, "/api/v1/query_range", **asked)}


def _traces(query: str, limit: int, sources: Sources) -> JSON:
    if sources.tempo is None:
        return {"traces": []}
    return _get(sources.tempo, "/api/search", q=query, limit=limit, start=sources.start, end=sources.end)


def _filled(text: str, sources: Sources, chosen: dict[str, str]) -> str:
    width = sources.end - sources.start
    known = {
        "__interval": f"{sources.step}s", "__rate_interval": f"{max(sources.step + _SCRAPE_S, 4 * _SCRAPE_S)}s",
        "__range": f"{width}s", "__range_s": str(width), **chosen,
    }  # fmt: skip
    return _VARIABLE.sub(lambda found: known.get(found.group(1), ".*"), text)


def _get(server: str, path: str, **parameters: Any) -> JSON:
    try:
        with urllib.request.urlopen(f"{server}{path}?{urllib.parse.urlencode(parameters)}", timeout=60) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{parameters}: {error.read().decode(errors='replace')[:500]}") from None
