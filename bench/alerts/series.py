"""From increments to what Prometheus scrapes: counters that the Collector begins, forgets and restarts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.alerts.calendar import Array
from bench.alerts.world import A_DAY
from tellmetry import names

KEPT = A_DAY  # the Collector forgets a series that has not moved for a day
HISTOGRAM_EVERY = 2  # steps; histograms are most of the samples
SHAPE = 3.0  # of the log-logistic distribution of durations: the slowest twentieth takes 2.7 times the median


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter's increments in each step."""

    metric: names.Metric
    labels: Mapping[str, str]
    by: Array


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one series, `every` so many steps; NaN is no sample."""

    name: str
    labels: Mapping[str, str]
    values: Array
    every: int = 1


def counted(one: Counted, cuts: Sequence[tuple[int, int]]) -> Series:
    """Add a counter up as the Collector does."""
    return Series(one.metric.prometheus, _labels(one.labels), scraped(one.by, cuts))


def observed(
    metric: names.Metric, labels: Mapping[str, str], count: Array, median_s: Array, draw: np.random.Generator, cuts: Sequence[tuple[int, int]]
) -> Iterator[Series]:
    """Sort durations around a median into the histogram's buckets."""
    edges = np.array(metric.buckets)
    below = 1 / (1 + (median_s[:, None] / edges[None, :]) ** SHAPE)
    shares = np.diff(np.concatenate([np.zeros((len(count), 1)), below, np.ones((len(count), 1))], axis=1), axis=1)
    each = draw.multinomial(count.astype(int), np.maximum(shares, 0) / np.maximum(shares, 0).sum(axis=1, keepdims=True))
    upto = np.cumsum(each, axis=1).astype(float)
    for number, edge in enumerate([*(f"{edge:g}" for edge in edges), "+Inf"]):
        values = scraped(upto[:, number], cuts, count)
        yield Series(f"{metric.prometheus}_bucket", {**_labels(labels), "le": edge}, values[::HISTOGRAM_EVERY], HISTOGRAM_EVERY)
    values = scraped(count, cuts)
    yield Series(f"{metric.prometheus}_count", _labels(labels), values[::HISTOGRAM_EVERY], HISTOGRAM_EVERY)


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    return {names.label(attribute): value for attribute, value in labels.items()}


def scraped(by: Array, cuts: Sequence[tuple[int, int]], born: Array | None = None) -> Array:
    """Give a counter's value at every scrape; what an app counted while the Collector was away comes when it is back.

    `born` moves a bucket's series into being when its histogram is, though it stays at zero.
    """
    by, moved = by.copy(), (by if born is None else born).copy()
    for begin, end in cuts:
        for increments in (by, moved):
            increments[end] += increments[begin:end].sum()
            increments[begin:end] = 0
    events = np.flatnonzero(moved)
    values = np.full(len(by), np.nan)
    if len(events):
        _live(by, values, events, [begin for begin, _ in cuts])
    return values


def _live(by: Array, values: Array, events: np.ndarray, restarts: list[int]) -> None:
    """Fill in each life of a series: from the zero before its first event until it is forgotten or restarted."""
    total = np.cumsum(by)
    restarted = np.searchsorted(np.array(sorted(restarts)), events, side="right") if restarts else np.zeros(len(events))
    ends = np.flatnonzero((np.diff(events) > KEPT) | (np.diff(restarted) > 0))
    firsts, lasts = [events[0], *events[ends + 1]], [*events[ends], events[-1]]
    for first, last in zip(firsts, lasts, strict=True):
        until = min([last + KEPT, len(by), *(restart for restart in restarts if restart > first)])
        before = total[first - 1] if first else 0.0
        values[max(first - 1, 0)] = 0.0
        values[first:until] = total[first:until] - before
