"""The prices of one model in one request context: which of them hold is a question of time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from tellmetry.prices.tariff import Prices, Tariff, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tellmetry.prices.table import Model
    from tellmetry.prices.units import Units
    from tellmetry.prices.usage import Cost, Usage

_DAY_S = 86_400
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class _Window(NamedTuple):
    """When a price holds: from a day on, or between two seconds of every day, by UTC."""

    daily: bool
    start: float
    stop: float

    def holds(self, now: float) -> bool:
        """Say whether a moment, in seconds since the epoch, is inside."""
        moment = now % _DAY_S if self.daily else now
        if self.stop < self.start:  # around midnight
            return moment >= self.start or moment < self.stop
        return self.start <= moment < self.stop


_NONE: frozenset[_Window] = frozenset()


class Rates:
    """Every price that a request context leaves open; a tariff is built when it first holds."""

    def __init__(self, model: Model, context: Mapping[str, str], units: Units, source: str) -> None:
        told: list[Any] = [[None, model.prices]]
        if isinstance(model.prices, list):
            told = model.prices
        wanted = (one[1:] for one in model.variants if one[0].items() <= context.items())
        self._steps = [(_window(when), prices) for when, prices in told]
        self._variants = [(_window(when), prices) for when, prices in wanted]
        both = (*self._steps, *self._variants)
        self._windows = {window for window, _ in both if window is not None}
        self._tariffs: dict[frozenset[_Window], Tariff] = {}
        self._units = units
        self._minimum_s = model.minimum_s
        self._source = source

    def cost(self, usage: Usage, at: datetime | float | None) -> Cost | None:
        """Price counts; None where they contradict each other, or none of them has a price."""
        try:
            return self._tariff(at).cost(_counts(usage))
        except (ValueError, OverflowError):
            return None

    def _tariff(self, at: datetime | float | None) -> Tariff:
        holding = _NONE
        if self._windows:
            now = time.time() if at is None else _seconds(at)
            holding = frozenset(window for window in self._windows if window.holds(now))
        tariff = self._tariffs.get(holding)
        if tariff is None:
            tariff = Tariff(self._prices(holding), self._units, self._source, self._minimum_s)
            self._tariffs[holding] = tariff
        return tariff

    def _prices(self, holding: frozenset[_Window]) -> Prices:
        """Merge like genai-prices: the last step that holds, and per unit the first variant."""
        steps = (prices for window, prices in reversed(self._steps) if _holds(window, holding))
        merged: dict[str, Any] = dict(next(steps, self._steps[0][1]))
        for window, prices in reversed(self._variants):
            if _holds(window, holding):
                merged.update(prices)
        return merged


def _holds(window: _Window | None, holding: frozenset[_Window]) -> bool:
    return window is None or window in holding


def _window(when: Any) -> _Window | None:
    if when is None:
        return None
    if isinstance(when, str):
        return _Window(False, (date.fromisoformat(when).toordinal() - _EPOCH_DAY) * _DAY_S, inf)
    return _Window(True, *when)


def _seconds(at: datetime | float) -> float:
    """Give seconds since the epoch; a time without a zone is UTC."""
    if isinstance(at, float):
        return at
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).timestamp()


def _counts(usage: Usage) -> Mapping[str, Any]:
    """Give the usage as it is where all counts are whole, which costs next to nothing."""
    for count in usage.values():
        if type(count) is not int or count < 0:
            return {key: _number(key, count) for key, count in usage.items() if count is not None}
    return usage


def _number(key: str, count: Any) -> Any:
    """Read a count as it was written: 0.1 is a tenth, not the binary fraction nearest to it."""
    if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count < inf:
        raise UsageError(f"{key} is not a count: {count!r}")
    if count == int(count):
        return int(count)
    from fractions import Fraction  # five milliseconds to import, and few counts are fractions

    return Fraction(repr(count))
