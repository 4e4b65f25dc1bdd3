"""From when an expression holds to when people are told: `for`, `keep_firing_for` and inhibition, minute by minute."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Labels = frozenset[tuple[str, str]]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(duration: str) -> int:
    """Read a duration as rules write it."""
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration))


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert from the moment it fires to its end; `told_s` is when somebody was told, None if its cause silenced it."""

    alert: str
    labels: Labels
    start_s: int
    end_s: int
    told_s: int | None = None

    def label(self, name: str) -> str:
        """Give the value of a label, empty where there is none."""
        return dict(self.labels).get(name, "")


def episodes(alert: str, holds: Mapping[Labels, Iterable[int]], for_s: int, keep_s: int, every_s: int) -> Iterator[Episode]:
    """Turn the times at which an expression held into what fired, as Prometheus' rule manager does."""
    for labels, times in holds.items():
        for start, end in _fired(sorted(times), for_s, keep_s, every_s):
            yield Episode(alert, labels, start, end)


def _fired(times: list[int], for_s: int, keep_s: int, every_s: int) -> Iterator[tuple[int, int]]:
    """Give first and last evaluation of each firing; a gap ends what is pending at once, what fires after `keep_s`."""
    begun = fired = last = None
    for at in times:
        if last is not None and at - last > every_s:
            missing = at - every_s - (last + every_s)  # from the first evaluation without it to the last one
            if fired is None or missing >= keep_s:
                if fired is not None:
                    yield fired, _kept(last, keep_s, every_s)
                begun = fired = None
        begun = at if begun is None else begun
        if fired is None and at - begun >= for_s:
            fired = at
        last = at
    if fired is not None and last is not None:
        yield fired, _kept(last, keep_s, every_s)


def _kept(last: int, keep_s: int, every_s: int) -> int:
    """Give the last evaluation at which it still fires: those less than `keep_s` after the first that misses it."""
    return last + -(-keep_s // every_s) * every_s


@dataclass(frozen=True, slots=True)
class Inhibition:
    """One rule of Alertmanager: while the source fires, targets with equal labels are not told."""

    source: str
    targets: tuple[str, ...]
    equal: tuple[str, ...]

    def silences(self, cause: Episode, symptom: Episode) -> bool:
        """Say whether it holds between these two, were they firing at once."""
        return (
            cause.alert == self.source
            and symptom.alert in self.targets
            and all(cause.label(name) == symptom.label(name) for name in self.equal)
        )


def inhibitions(rules: Iterable[Mapping[str, list[str]]]) -> list[Inhibition]:
    """Read the shipped rules."""

    def value(matcher: str) -> str:
        return matcher.split('"')[1]

    return [
        Inhibition(value(rule["source_matchers"][0]), tuple(value(rule["target_matchers"][0]).split("|")), tuple(rule["equal"]))
        for rule in rules
    ]


def told(fired: Iterable[Episode], rules: Iterable[Inhibition], every_s: int) -> list[Episode]:
    """Say for each episode when the first notification went out: its first evaluation at which no cause fired."""
    fired, rules = list(fired), list(rules)
    found = []
    for episode in fired:
        causes = [cause for cause in fired if any(rule.silences(cause, episode) for rule in rules)]
        at: int | None = episode.start_s
        while at is not None and any(cause.start_s <= at <= cause.end_s for cause in causes):
            at = at + every_s if at < episode.end_s else None
        found.append(Episode(episode.alert, episode.labels, episode.start_s, episode.end_s, at))
    return sorted(found, key=lambda one: one.start_s)
