"""Renders our table from the installed genai-prices: `python -m tellmetry.prices.compile`.

The only file that imports genai_prices, which takes a quarter of a second and tens of megabytes:
nothing imports this file unless another list is installed than the shipped table was rendered from.
"""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, date, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from genai_prices import types as listed
from genai_prices.data import providers
from genai_prices.data_units import unit_data

from tellmetry.prices.table import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

# Not data in genai-prices but a rule in its code: Groq bills ten seconds of audio at least.
_MINIMUM_S = {("groq", "whisper-large-v3"): 10, ("groq", "whisper-large-v3-turbo"): 10}

# The start of a pattern as far as it stands for itself and must be there.
_PLAIN = re.compile(r"^(?:(?:\\\W|[^\\.^$*+?{}\[\]()])(?![*?{]))*")

_UNIT_OF = {unit.get("price_key", key): key for key, unit in unit_data.items()}
_TEXT_VERBS = {
    listed.ClauseStartsWith: ("starts", "starts_with"),
    listed.ClauseEndsWith: ("ends", "ends_with"),
    listed.ClauseContains: ("contains", "contains"),
}


def render() -> str:
    """Write the whole installed list as the text of a table."""
    rows = {one.id: [_line(_model(one, model)) for model in one.models] for one in providers}
    body = "".join(f"{line}\n" for lines in rows.values() for line in lines)
    head = {
        "rendered": "from genai-prices by python -m tellmetry.prices.compile - do not edit",
        "format": FORMAT,
        "version": version("genai-prices"),
        "crc": crc32(body.encode()),
        "units": {key: [unit["per"], unit["dimensions"]] for key, unit in unit_data.items()},
        "providers": [[*_provider(one), len(rows[one.id])] for one in providers],
    }
    return f"{_line(head)}\n{body}"


def keep(text: str, path: Path) -> None:
    """Write a table in one step, so that a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        scratch.write_text(text, "utf-8")
        scratch.replace(path)
    finally:  # a full disk must not keep half a table
        scratch.unlink(missing_ok=True)


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _provider(one: Any) -> list[Any]:
    known = {other.id for other in providers}
    fallbacks = [name for name in one.fallback_model_providers or () if name in known]
    names, models = (clause and _clause(clause) for clause in (one.provider_match, one.model_match))
    return [one.id, one.api_pattern, _head(one.api_pattern), names, models, fallbacks]


def _head(pattern: str) -> str:
    """Give text that everything a pattern matches begins with: most addresses need no regex."""
    plain = "" if "|" in pattern else _PLAIN.findall(pattern)[0]
    return re.sub(r"\\(\W)", r"\1", plain)


def _model(provider: Any, model: Any) -> list[Any]:
    prices = model.prices
    told = [_when(one) for one in prices] if isinstance(prices, list) else _prices(prices)
    variants = [[one.when, *_when(one)] for one in model.price_variants or ()]
    minimum = _MINIMUM_S.get((provider.id, model.id))
    rest = [variants, minimum] if minimum else [variants] if variants else []
    return [model.id, _clause(model.match), told, *rest]


def _when(one: Any) -> list[Any]:
    return [_constraint(one.constraint), _prices(one.prices)]


def _constraint(one: Any) -> Any:
    if one is None:
        return None
    if isinstance(one, listed.StartDateConstraint):
        return one.start_date.isoformat()
    if isinstance(one, listed.TimeOfDateConstraint):
        return [_second(one.start_time), _second(one.end_time)]
    raise TypeError(f"unknown price constraint {one!r}")


def _second(value: time) -> float | int:
    """Give a time of day as seconds since midnight UTC; a time without a zone is UTC."""
    moment = datetime.combine(date(1970, 1, 1), value)
    moment = moment.replace(tzinfo=UTC) if value.tzinfo is None else moment.astimezone(UTC)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds + moment.microsecond / 1e6 if moment.microsecond else seconds


def _prices(one: Any) -> dict[str, Any]:
    listed_prices: Mapping[str, Any] = vars(one)
    return dict(sorted(_priced(listed_prices)))


def _priced(listed_prices: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, price in listed_prices.items():
        if isinstance(price, listed.TieredPrices):
            yield (
                _UNIT_OF[key],
                [_plain(price.base), [[tier.start, _plain(tier.price)] for tier in price.tiers]],
            )
        elif price is not None:
            yield _UNIT_OF[key], _plain(price)


def _plain(price: Decimal) -> str:
    return format(price, "f")


def _clause(clause: Any) -> Any:
    if isinstance(clause, listed.ClauseEquals):
        return clause.equals.lower()
    if isinstance(clause, listed.ClauseRegex):
        return ["regex", clause.regex]
    if isinstance(clause, listed.ClauseOr):
        return ["any", *(_clause(one) for one in clause.or_)]
    if isinstance(clause, listed.ClauseAnd):
        return ["all", *(_clause(one) for one in clause.and_)]
    verb, field = _TEXT_VERBS[type(clause)]
    return [verb, getattr(clause, field).lower()]


if __name__ == "__main__":
    target = Path(__file__).with_name("table.jsonl")
    keep(render(), target)
    sys.stderr.write(f"rendered {target.name}: {target.stat().st_size:,} bytes\n")
