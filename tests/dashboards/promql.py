"""Reads PromQL as Prometheus does: which series an expression asks for, with which labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

import promql_parser as promql

from dashboards.source.foreign import FOREIGN, TRACED
from dashboards.source.query import labels_of
from dashboards.source.records import RECORDS
from tellmetry import names

PARTS = ("_bucket", "_sum", "_count")


def known_series() -> dict[str, set[str]]:
    """Give every series name there is, with its labels."""
    known = {series.prometheus: {names.label(a) for a in labels_of(series)} for series in (*RECORDS, *names.CONTRACTS)}
    known |= {series.prometheus: {names.label(a) for a in series.labels} for series in FOREIGN}
    for metric in (*names.METRICS, TRACED):
        labels = {names.label(attribute) for attribute in labels_of(metric)}
        for part in PARTS if getattr(metric, "kind", "histogram") == "histogram" else ("",):
            known[metric.prometheus + part] = labels | ({"le"} if part == "_bucket" else set())
    return known


def plain(expr: str) -> str:
    """Put values where Grafana would: durations for intervals, anything for a variable."""
    expr = re.sub(r"\$__(rate_interval|interval|range)\b", "5m", expr)
    return re.sub(r"\$\{?\w+(:\w+)?\}?", "any", expr)


def parse(expr: str) -> promql.Expr:
    return promql.parse(plain(expr))


def nodes(expr: str) -> list:
    found: list = []
    promql.walk(parse(expr), lambda node: found.append(node) or True)
    return found


def selectors(expr: str) -> Iterator[tuple[str, set[str]]]:
    """Give each series that an expression selects and the labels it filters by."""
    for node in nodes(expr):
        if isinstance(node, promql.VectorSelector) and node.name:  # `{__name__=~...}` counts whatever there is
            yield node.name, {matcher.name for matcher in node.matchers.matchers}


def groupings(expr: str) -> Iterator[tuple[set[str], set[str]]]:
    """Give the labels of each `by (...)` and the series names under it."""
    for node in nodes(expr):
        if isinstance(node, promql.AggregateExpr) and node.modifier:
            inner: list = []
            promql.walk(node.expr, lambda below: inner.append(below) or True)
            yield set(node.modifier.labels), {n.name for n in inner if isinstance(n, promql.VectorSelector) and n.name}


def ranges_over(expr: str, function: str) -> Iterator[str]:
    """Give the names of the series that a function is applied to directly."""
    for node in nodes(expr):
        if isinstance(node, promql.Call) and node.func.name == function:
            for argument in node.args:
                if isinstance(argument, promql.MatrixSelector):
                    yield argument.vector_selector.name
