"""Walks a month through a real Prometheus, half a day at a time: samples in, records back, alerts out."""

from __future__ import annotations

import http.client
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np

from bench.alerts.calendar import Array
from bench.alerts.lifecycle import Labels, seconds
from bench.alerts.remote import Samples, Writer
from bench.alerts.series import Series
from bench.alerts.world import DAYS, STEP_S

MINUTE_S = 60
CHUNK_S = 12 * 3600
ALERTS_LATE_S = 30  # groups are spread over their interval, so an alert reads records that are half a minute old
CONFIG = "global: {}\n"
# The head takes samples up to half a block old, so a block of two days lets records follow half a day of samples.
FLAGS = (
    "--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y", "--storage.tsdb.min-block-duration=2d",
    "--storage.tsdb.max-block-duration=2d", "--query.max-samples=200000000", "--query.timeout=10m",
)  # fmt: skip


@dataclass(slots=True)
class Record:
    """A recording rule, and which of its series were there at the end of the last stretch."""

    name: str
    expr: str
    every_s: int
    labels: Mapping[str, str] = field(default_factory=dict)
    alive: set[Labels] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Watched:
    """An alerting rule, and the times at which its expression held."""

    name: str
    expr: str
    for_s: int
    keep_s: int
    holds: dict[Labels, list[int]] = field(default_factory=lambda: defaultdict(list))


def records(groups: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Read the recording rules of rule files, in their order."""
    return [
        Record(rule["record"], rule["expr"], seconds(group["interval"]), rule.get("labels", {}))
        for group in groups
        for rule in group["rules"]
        if "record" in rule
    ]


def watched(groups: Iterable[Mapping[str, Any]]) -> list[Watched]:
    """Read the alerting rules of rule files."""
    return [
        Watched(rule["alert"], rule["expr"], seconds(rule["for"]), seconds(rule["keep_firing_for"]))
        for group in groups
        for rule in group["rules"]
        if "alert" in rule
    ]


class Walk:
    """One month in one Prometheus."""

    def __init__(self, url: str, first_s: int, recording: Sequence[Record], watching: Sequence[Watched]) -> None:
        self._first_s = first_s
        self._recording, self._watching = recording, watching
        self._writer = Writer(url)
        self._asked = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)

    def go(self, series: Sequence[Series], days: int = DAYS) -> None:
        """Walk through all days; what alerts saw is in `holds` of those watched."""
        written = [_marked(one) for one in series]
        for begin in range(0, days * 86_400, CHUNK_S):
            end = begin + CHUNK_S
            self._writer.write(one for marked in written if (one := self._stretch(*marked, begin, end)))
            for record in self._recording:
                self._writer.write(self._evaluated(record, begin, end))
            for alert in self._watching:
                self._watch(alert, begin, end)

    def _stretch(self, one: Series, sent: np.ndarray, ends: np.ndarray, begin: int, end: int) -> Samples | None:
        steps = slice(begin // (STEP_S * one.every), end // (STEP_S * one.every))
        at = np.flatnonzero(sent[steps]) + steps.start
        if not len(at):
            return None
        return one.name, one.labels, at * STEP_S * one.every + self._first_s, one.values[at], ends[at]

    def _evaluated(self, record: Record, begin: int, end: int) -> Iterable[Samples]:
        times = np.arange(self._first_s + begin, self._first_s + end, record.every_s)
        found = {labels: dict(points) for labels, points in self._range(record.expr, times[0], times[-1], record.every_s)}
        before, record.alive = record.alive, set()
        for labels in found.keys() | before:
            points = found.get(labels, {})
            values = np.array([float(points.get(int(at), "nan")) for at in times])
            present = np.array([int(at) in points for at in times])
            ends = np.concatenate([[labels in before], present[:-1]]) & ~present
            if present[-1]:
                record.alive.add(labels)
            sent = present | ends
            yield record.name, {**dict(labels), **record.labels}, times[sent], values[sent], ends[sent]

    def _watch(self, alert: Watched, begin: int, end: int) -> None:
        first = self._first_s + begin - ALERTS_LATE_S
        for labels, points in self._range(alert.expr, first, first + (end - begin) - MINUTE_S, MINUTE_S):
            alert.holds[labels].extend(at - self._first_s for at, _ in points)

    def _range(self, expr: str, start: int, end: int, step: int) -> Iterable[tuple[Labels, list[tuple[int, str]]]]:
        form = urlencode({"query": expr, "start": start, "end": end, "step": step})
        self._asked.request("POST", "/api/v1/query_range", form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = json.loads(self._asked.getresponse().read())
        if answer["status"] != "success":
            raise RuntimeError(f"{expr}: {answer['error']}")
        for one in answer["data"]["result"]:
            labels = frozenset((name, value) for name, value in one["metric"].items() if name != "__name__")
            yield labels, one["values"]


def _marked(one: Series) -> tuple[Series, np.ndarray, np.ndarray]:
    """Say which steps of a series are written: its samples, and the marker where it ends."""
    present = ~np.isnan(one.values)
    ends = np.concatenate([[False], present[:-1]]) & ~present
    return one, present | ends, ends


__all__ = ["CONFIG", "FLAGS", "Array", "Record", "Walk", "Watched", "records", "watched"]
