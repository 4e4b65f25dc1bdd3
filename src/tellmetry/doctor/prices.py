"""The price list that costs are reckoned with, and the app's own prices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from tellmetry import prices
from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line

_OLD_DAYS = 180
_MODEL = "gpt-4o-mini"
_UNPRICED = "calls are unpriced. Reinstall genai-prices."


def look(asked: Asked) -> Iterator[Line]:
    """Load both, as a program would."""
    yield from _list(asked)
    yield from _own(asked.settings.prices)


def _list(asked: Asked) -> Iterator[Line]:
    try:
        prices.preload(asked.settings.cache)
        known = prices.quote("openai", (_MODEL,), {"input_tokens": 1_000_000})
    except (OSError, ValueError, ImportError, LookupError, TypeError, AttributeError) as error:
        yield Line(f"The price list cannot be loaded ({type(error).__name__}): {_UNPRICED}", faults.PRICE_LIST)
        return
    if known is None:
        yield Line(f"The price list does not know even {_MODEL}: {_UNPRICED}", faults.PRICE_LIST)
        return
    days = (time.time() - _installed_at().stat().st_mtime) / 86_400
    if days > _OLD_DAYS:
        says = f"The price list {known.source} was installed {days:.0f} days ago: prices have changed since."
        yield Line(f"{says} Run: pip install -U genai-prices", faults.PRICE_AGE)
    else:
        yield Line(f"Costs are reckoned with {known.source}, installed {days:.0f} days ago.")


def _installed_at() -> Path:
    """Give a file that pip wrote when it installed the list: the list itself bears no date."""
    return Path(str(metadata.distribution("genai-prices").locate_file("genai_prices/__init__.py")))


def _own(path: Path | None) -> Iterator[Line]:
    if path is None:
        return
    try:
        prices.load_custom(path)
    except prices.PriceFileError as error:
        yield Line(f"{error} List prices are used instead.", faults.PRICE_FILE)
        return
    prices.load_custom(None)
    yield Line(f"Your own prices in {path} come before the list's.")
