"""Questions to the real servers: PromQL, exemplars, TraceQL, alerts; and waiting for an answer to come true."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

from tellmetry import names

T = TypeVar("T")


def get(url: str, **parameters: Any) -> Any:
    """GET JSON; an HTTP error is raised with the body, which says what the server disliked."""
    full = f"{url}?{urllib.parse.urlencode(parameters)}" if parameters else url
    try:
        with urllib.request.urlopen(full, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{full}: {error.code} {error.read().decode(errors='replace')[:2000]}") from None


def query(prometheus: str, expr: str, at: float | None = None) -> dict[tuple[tuple[str, str], ...], float]:
    """Run an instant PromQL query; the result maps each series' sorted labels to its value."""
    parameters = {"query": expr, **({"time": at} if at is not None else {})}
    data = get(f"{prometheus}/api/v1/query", **parameters)["data"]
    if data["resultType"] == "scalar":
        return {(): float(data["result"][1])}
    return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in data["result"]}


def total(prometheus: str, expr: str) -> float:
    """Add up all series of an instant query; 0.0 when there are none."""
    return sum(query(prometheus, expr).values())


def of(prometheus: str, metric: names.Metric, more: str = "", service: str = "chain", part: str = "") -> float:
    """Add up one of our metrics over a service's series; `more` is further matchers, `part` a histogram's suffix."""
    return total(prometheus, f'{metric.prometheus}{part}{{service_name="{service}"{more}}}')


def query_range(prometheus: str, expr: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
    """Run a range query and give the series as Prometheus does: `metric` and `values`."""
    found = get(f"{prometheus}/api/v1/query_range", query=expr, start=start, end=end, step=step)
    return list(found["data"]["result"])


def exemplars(prometheus: str, selector: str, since_s: float = 3600) -> list[dict[str, Any]]:
    """Give the exemplars of all series of a selector, each with its labels, value and time."""
    now = time.time()
    found = get(f"{prometheus}/api/v1/query_exemplars", query=selector, start=now - since_s, end=now + 60)["data"]
    return [exemplar for series in found for exemplar in series["exemplars"]]


def alerts(prometheus: str) -> dict[str, str]:
    """Map the name of each pending or firing alert to its state."""
    return {one["labels"]["alertname"]: one["state"] for one in get(f"{prometheus}/api/v1/alerts")["data"]["alerts"]}


def traceql(tempo: str, expr: str, since_s: float = 3600, limit: int = 1000) -> list[dict[str, Any]]:
    """Search Tempo; each found trace has `traceID`, `rootServiceName`, `rootTraceName`, `spanSets`."""
    now = int(time.time())
    found = get(f"{tempo}/api/search", q=expr, start=now - int(since_s), end=now + 60, limit=limit)
    return list(found.get("traces", []))


def trace(tempo: str, trace_id: str) -> dict[str, Any]:
    """Give one whole trace in OTLP's JSON form."""
    found: dict[str, Any] = get(f"{tempo}/api/v2/traces/{trace_id}")
    return found


def eventually(ask: Callable[[], T], holds: Callable[[T], bool], within_s: float = 30, every_s: float = 0.2) -> T:
    """Ask until the answer holds and give it; after `within_s` give the last answer, for the caller's assert."""
    until = time.monotonic() + within_s
    while True:
        answer = ask()
        if holds(answer) or time.monotonic() > until:
            return answer
        time.sleep(every_s)
