"""Understands the user's own prices; each mistake is told in one sentence that says what to do.

[[price]]                      # the first entry that covers a call wins, and wins over the list
provider = "openai"            # optional; a span's provider name or the list's, * for any text
model = "ft:gpt-4o-mini:acme*"
input_per_mtok = 0.30          # US dollars per million tokens
cache_read_per_mtok = 0.15     # without a price of their own, parts cost what the whole does
output_per_mtok = 1.20
web_searches_per_thousand = 10
per_request = 0.01
batch = true                   # optional: only batches (false: all but batches)
service_tier = "flex"          # optional: only this tier
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tellmetry.prices import PriceFileError
from tellmetry.prices.pricefile import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tellmetry.prices.tariff import Prices
    from tellmetry.prices.units import Units

_SELECTORS = ("provider", "model", "service_tier", "batch")
_QUANTITIES = {1_000: "thousand", 1_000_000: "million", 1_000_000_000: "billion"}
_HIGHEST_USD = 10**9
_DECIMALS = 18


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the file: whom it is for, and what each unit costs."""

    model: re.Pattern[str]
    provider: re.Pattern[str] | None
    service_tier: str | None
    batch: bool | None
    prices: Prices

    def covers(self, providers: set[str], model: str, facts: Mapping[str, str]) -> bool:
        """Say whether it prices this model of a provider known by these names, so asked for."""
        return (
            self.model.fullmatch(model) is not None
            and self.batch in (None, facts.get("processing") == "batch")
            and self.service_tier in (None, facts.get("service_tier"))
            and (self.provider is None or any(map(self.provider.fullmatch, providers)))
        )


def keys(units: Units) -> dict[str, tuple[str, int]]:
    """Give the price keys of a file: the unit, and how many times its number is the list's."""
    known = {f"per_{unit[:-1]}": (unit, units.per[unit]) for unit in ("requests", "images")}
    for unit, per in units.per.items():
        if unit.endswith("_tokens"):
            known[f"{unit.removesuffix('_tokens')}_per_mtok"] = (unit, per // 10**6)
        elif unit.endswith("_seconds"):
            known[f"{unit.removesuffix('_seconds')}_per_hour"] = (unit, per // 3600)
            known[f"{unit.removesuffix('_seconds')}_per_minute"] = (unit, per // 60)
        elif per in _QUANTITIES and unit != "requests":
            known[f"{unit}_per_{_QUANTITIES[per]}"] = (unit, 1)
    return known


def read(path: Path, units: Units) -> tuple[Entry, ...]:
    """Read a price file into entries, in the order they were written."""
    known = keys(units)
    entries: dict[Any, Entry] = {}
    for number, row in enumerate(rows(path), 1):
        place = _Place(path, number, row)
        entry = _entry(place, known, units)
        selects = (entry.model, entry.provider, entry.service_tier, entry.batch)
        if selects in entries:
            raise place.error("an entry above is for the same calls; keep one of them")
        entries[selects] = entry
    return tuple(entries.values())


@dataclass(frozen=True, slots=True)
class _Place:
    """One entry as it was written, and where."""

    path: Path
    number: int
    row: Mapping[str, Any]

    def error(self, says: str) -> PriceFileError:
        model = f" (model {self.row['model']!r})" if "model" in self.row else ""
        return PriceFileError(f"Price file {self.path}, entry {self.number}{model}: {says}.")


def _entry(place: _Place, known: Mapping[str, tuple[str, int]], units: Units) -> Entry:
    prices: dict[str, str] = {}
    for key in place.row:
        if key in known:
            unit, times = known[key]
            if unit in prices:
                raise place.error(f"`{key}` prices what a key above it prices already; keep one")
            prices[unit] = format(_usd(place, key) * times, "f")
        elif key not in _SELECTORS:
            raise place.error(f"`{key}` is not a known key; {_nearest(key, known)}")
    _refuse_gaps(place, prices, known, units)
    provider, tier = _name(place, "provider"), _name(place, "service_tier")
    model = _name(place, "model")
    if model is None:
        raise place.error('`model` is missing; add it, such as model = "gpt-4o*"')
    whose = None if provider is None else _pattern(provider)
    return Entry(_pattern(model), whose, tier, _batch(place), prices)


def _usd(place: _Place, key: str) -> Decimal:
    value = place.row[key]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise place.error(f"`{key}` is {value!r}; write US dollars as a number, such as 2.50")
    usd = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    fits = usd.is_finite() and 0 <= usd <= _HIGHEST_USD
    if not fits or usd != usd.quantize(Decimal(1).scaleb(-_DECIMALS)):
        raise place.error(f"`{key}` is {value}; write US dollars from 0 to a billion, at most 18 decimals")
    return usd


def _refuse_gaps(place: _Place, prices: Prices, known: Mapping[str, tuple[str, int]], units: Units) -> None:
    if not prices:
        raise place.error("it has no price; add one, such as input_per_mtok = 2.50")
    gap = units.gap(prices)
    if gap is not None:
        key = next((key for key, (unit, _) in known.items() if unit == gap), gap)
        raise place.error(f"its prices can't be told apart without one more; add `{key}`")


def _name(place: _Place, key: str) -> str | None:
    value = place.row.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise place.error(f"`{key}` is {value!r}; write a name in quotes")
    return value.strip().lower()


def _batch(place: _Place) -> bool | None:
    value = place.row.get("batch")
    if value is not None and not isinstance(value, bool):
        raise place.error(f"`batch` is {value!r}; write true or false")
    return value


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in name.split("*")))


def _nearest(key: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(key), [*known, *_SELECTORS], 1)
    return f"the nearest is `{near[0]}`" if near else "prices are keys such as input_per_mtok"
