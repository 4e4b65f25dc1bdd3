"""What a call costs, in microseconds: genai-prices' list as arithmetic, own prices before it.

`quote` answers what `genai_prices.calc_price` does, to the last digit, with these differences:
usage of which no part has a price is unpriced, not free; OpenTelemetry's provider names and the
clouds' resource names are understood; an address counts for more than a provider's name; no
provider is guessed from a model's name, but for LiteLLM's; and `quote` does not raise.
"""

from __future__ import annotations

import re
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tellmetry.prices.book import Book, Context
from tellmetry.prices.table import Table, shipped
from tellmetry.prices.usage import Cost, Usage

if TYPE_CHECKING:
    from datetime import datetime

    from tellmetry.prices.custom import Entry

__all__ = ("Cost", "PriceFileError", "Usage", "load_custom", "preload", "quote", "ready")

# Each is set in one step and without a lock: one held by a thread would stay shut in a fork.
_table: Table | None = None
_entries: tuple[Entry, ...] = ()
_book: Book | None = None


class PriceFileError(ValueError):
    """A price file that cannot be used; the message is one sentence for whoever wrote it."""


def quote(  # noqa: PLR0913 - what a price depends on
    provider: str,
    models: tuple[str | None, ...],
    usage: Usage,
    *,
    api_url: str | None = None,
    service_tier: str | None = None,
    batch: bool = False,
    context: Context = (),
    at: datetime | float | None = None,
) -> Cost | None:
    """Price one call; None is unpriced: a model without a price, or counts that can't be right.

    `provider` is a `gen_ai.provider.name`, `models` are names in the order to try them: the
    answer's, then the request's. `context` holds what else listed prices depend on, such as
    `(("speed", "fast"),)`. `at` is when the call was made, a float in
    seconds since the epoch; now if left out. The first quote of
    a process loads the list, unless `preload` has.
    """
    if service_tier:
        context = (*context, ("service_tier", service_tier))
    if batch:
        context = (*context, ("processing", "batch"))
    rates = (_book or _publish()).rates(provider, models, api_url, context)
    return None if rates is None else rates.cost(usage, at)


def preload(cache: Path | None = None) -> None:
    """Load the list; for a background thread, since it compiles the installed one if it is newer.

    What it compiled is kept in the directory `cache`. Until then the shipped list answers, and
    a cost's source says so. Raises what the compilation raises if genai-prices' data has become
    something that we can't read; the shipped list stays.
    """
    global _table
    have = (_book or _publish()).table.version
    installed = _installed_version()
    if installed is not None and _numbers(installed) > _numbers(have):
        path = cache and cache / f"prices-{installed}.jsonl"
        _table = _kept(path, installed) or _compiled(path)
        _publish()


def ready() -> bool:
    """Say whether the list is loaded, so that a quote takes microseconds."""
    return _book is not None


def load_custom(path: Path | None) -> None:
    """Put the prices of a file before the list's, instead of those loaded earlier; None puts none.

    Raises PriceFileError if the file can't be used; what was loaded stays.
    """
    global _entries
    table = (_book or _publish()).table
    if path is None:
        _entries = ()
    else:
        from tellmetry.prices.custom import read

        _entries = read(path, table.units)
    _publish()


def _publish() -> Book:
    """Put list and own prices together; once more if another thread has set one meanwhile."""
    global _table, _book
    while True:
        table, entries = _table, _entries
        if table is None:
            loaded = shipped()
            _table = _table or loaded
            continue
        _book = book = Book(table, entries)
        if table is _table and entries is _entries:
            return book


def _installed_version() -> str | None:
    """Read the version off the installation's directory: its metadata takes milliseconds."""
    spec = find_spec("genai_prices")
    if spec is None or spec.origin is None:
        return None
    named = [*Path(spec.origin).parent.parent.glob("genai_prices-*.dist-info")]
    if len(named) == 1:
        return named[0].stem.partition("-")[2]
    from importlib.metadata import version

    return version("genai-prices")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def _kept(path: Path | None, version: str) -> Table | None:
    """Load a list that was compiled before; a damaged one, or of another format, is no list."""
    if path is not None:
        with suppress(OSError, ValueError):
            table = Table(path.read_text("utf-8"))
            return table if table.version == version else None
    return None


def _compiled(path: Path | None) -> Table:
    from tellmetry.prices.compile import keep, render

    text = render()
    if path is not None:
        with suppress(OSError):  # it costs the next process a compilation, nothing else
            keep(text, path)
    return Table(text)
