"""The arithmetic of one set of prices: counts in, exact integers of a fraction of a dollar out."""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm
from typing import TYPE_CHECKING, Any, NamedTuple

from tellmetry.prices.usage import Cost

if TYPE_CHECKING:
    from tellmetry.prices.units import Units

# A price as the table holds it, in dollars as text: one for all calls, or a base and, in rising
# order, [[for calls with more input tokens than this, price], ...].
Price = str | list[Any]
Prices = Mapping[str, Price]

_INPUT = "input_tokens"
_new = tuple.__new__  # a named tuple's own takes twice the steps
_REQUESTS = "requests"

# Usage comes in a handful of shapes, one or two a client; more would be a mistake, and are worked out each time.
_MOST_PLANS = 100


class UsageError(ValueError):
    """Counts that contradict each other or are no counts; the call stays unpriced."""


class _Line(NamedTuple):
    """One priced unit of a plan: `parts` are the positions of the priced units inside it."""

    key: str
    parts: tuple[int, ...]
    rate: int
    saving: int  # what the same tokens uncached cost more; negative where writing to the cache costs extra


class _Bracket(NamedTuple):
    """What holds for calls with more input tokens than `above`."""

    above: int
    per_request: int
    lines: tuple[_Line, ...]


class _Plan(NamedTuple):
    """How to bill usage that reports a certain set of units; calls come in few such sets.

    A priced unit that is not reported counts as nothing, so its parts in `zero` must be nothing too, and of each pair
    in `apart` one must be, else there was an overlap that nobody counted. `doubtful` says that counts need a look.
    """

    zero: tuple[str, ...]
    apart: tuple[tuple[str, str], ...]
    unpriced: tuple[str, ...]
    doubtful: bool
    base: _Bracket
    tiers: tuple[_Bracket, ...]

    def bracket(self, usage: Mapping[str, Any]) -> _Bracket:
        """Give the prices for input of this size; the highest tier that is passed holds for all of it."""
        size = usage[_INPUT]
        return next((tier for tier in self.tiers if size > tier.above), self.base)


class Tariff:
    """Prices of one model, in one context and at one time, ready to multiply."""

    def __init__(self, prices: Prices, units: Units, source: str, minimum_s: int | None = None) -> None:
        gap = units.gap(prices)
        if gap is not None:
            raise ValueError(f"prices lack one for {gap}")
        self._prices = prices
        self._units = units
        self._source = source
        self._minimum_s = minimum_s
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._scale = lcm(*(_ratio(text)[1] for price in prices.values() for text in _texts(price)))
        self._scale *= lcm(*(units.per[key] for key in prices))
        # There is a price even where nothing was counted: one per request, or the model is listed as free.
        self._always = not prices or _REQUESTS in prices

    def cost(self, usage: Mapping[str, Any]) -> Cost:
        """Multiply counts, numbers from 0 up; UsageError if they contradict each other or none has a price."""
        if self._minimum_s is not None:
            usage = _at_least(usage, self._minimum_s)
        reported = tuple(usage)
        plan = self._plans.get(reported) or self._planned(reported)
        unpriced = self._checked(plan, usage) if plan.doubtful else ()
        return self._multiplied(plan.bracket(usage) if plan.tiers else plan.base, usage, unpriced)

    def _checked(self, plan: _Plan, usage: Mapping[str, Any]) -> tuple[str, ...]:
        """Refuse counts that can't be priced; give the units that were used and have no price."""
        for key in plan.zero:
            if usage[key]:
                raise UsageError(f"{key} was counted, what it is a part of was not")
        for one, two in plan.apart:
            if usage[one] and usage[two]:
                raise UsageError(f"{one} and {two} were counted, what is both was not")
        unpriced = tuple(key for key in plan.unpriced if usage[key])
        used = [key for key, count in usage.items() if count]
        if not self._always and (len(unpriced) == len(used) > 0 or not usage):
            raise UsageError("nothing that was counted has a price")
        return unpriced

    def _multiplied(self, bracket: _Bracket, usage: Mapping[str, Any], unpriced: tuple[str, ...]) -> Cost:
        """Bill every token once, at the price of the most specific unit that has one."""
        total, saved, premium, scale = bracket.per_request, 0, 0, self._scale
        counts: list[Any] = []
        for key, parts, rate, saving in bracket.lines:
            count = usage[key]
            for part in parts:
                count -= counts[part]
            counts.append(count)
            if count < 0:
                raise UsageError(f"the parts of {key} are more than it")
            total += count * rate
            if saving > 0:
                saved += count * saving
            elif saving:
                premium -= count * saving
        # Whole numbers divide to the nearest float; fractions of counts divide to a fraction first.
        saved_usd = float(saved / scale) if saved else 0.0
        premium_usd = float(premium / scale) if premium else 0.0
        return _new(Cost, (float(total / scale), saved_usd, self._source, premium_usd, unpriced))

    def _planned(self, reported: tuple[str, ...]) -> _Plan:
        """Work out, once for a set of units, what of them is billed how."""
        around, prices = self._units.around, self._prices
        tiered = {start for price in prices.values() for start in _starts(price)}
        needed = {*prices, _INPUT} if tiered else set(prices)
        missing = needed - {_REQUESTS, *reported}
        crossings = (pair for key in sorted(missing) for pair in self._units.crossings(key))
        zero = tuple(key for key in reported if not missing.isdisjoint(around.get(key, ())))
        apart = tuple(pair for pair in crossings if set(pair) <= set(reported))
        unpriced = tuple(sorted(key for key in reported if not self._covers(key)))
        base = self._bracket(-1, reported)
        tiers = tuple(self._bracket(start, reported) for start in sorted(tiered, reverse=True) if _INPUT in reported)
        plan = _Plan(zero, apart, unpriced, bool(zero or apart or unpriced or not reported), base, tiers)
        if len(self._plans) < _MOST_PLANS:
            self._plans[reported] = plan
        return plan

    def _covers(self, key: str) -> bool:
        """Say whether a unit has a price or is part of one that has; a model listed as free covers everything."""
        return not self._prices or not self._prices.keys().isdisjoint({key, *self._units.around.get(key, ())})

    def _bracket(self, above: int, reported: tuple[str, ...]) -> _Bracket:
        units = self._units
        rates = {key: self._rate(_at(price, above), key) for key, price in self._prices.items()}
        keys = sorted(rates.keys() & {*reported} - {_REQUESTS}, key=lambda key: (-len(units.facets[key]), key))
        parts = {key: tuple(at for at, other in enumerate(keys) if other in units.inside[key]) for key in keys}
        lines = (_Line(key, parts[key], rates[key], rates[units.uncached(key)] - rates[key]) for key in keys)
        return _Bracket(above, rates.get(_REQUESTS, 0), tuple(lines))

    def _rate(self, price: str, key: str) -> int:
        dividend, divisor = _ratio(price)
        return dividend * (self._scale // (divisor * self._units.per[key]))


def _at_least(usage: Mapping[str, Any], seconds: int) -> Mapping[str, Any]:
    """Raise short audio to the length that is billed at least."""
    reported = usage.get("audio_seconds") or usage.get("input_audio_seconds")
    if not reported:
        return usage
    billed = max(reported, seconds)
    return {**usage, "audio_seconds": billed, "input_audio_seconds": billed}


def _at(price: Price, above: int) -> str:
    if isinstance(price, str):
        return price
    base, tiers = price
    reached: list[str] = [text for start, text in tiers if start <= above]
    return reached[-1] if reached else str(base)


def _starts(price: Price) -> list[int]:
    return [] if isinstance(price, str) else [start for start, _ in price[1]]


def _texts(price: Price) -> list[str]:
    return [price] if isinstance(price, str) else [price[0], *(text for _, text in price[1])]


def _ratio(text: str) -> tuple[int, int]:
    """Read decimal text as an exact fraction."""
    whole, _, decimals = text.partition(".")
    return int(whole + decimals), 10 ** len(decimals)
