"""Panels that several boards show alike; the number and the way on are each board's own."""

from __future__ import annotations

from dashboards.source.grammar import Link, Panel, Query
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, FAILED
from dashboards.source.shapes import series, stat
from dashboards.source.ways import legend

from tellmetry import names


def failed_share(number: int, link: Link, more: str = "") -> Panel:
    """Show how many calls fail."""
    return stat(
        number, "Failed calls", "Share of calls that ended in an error after all retries." + more,
        BOARD.share(names.CALLS, names.CALLS, where=FAILED), unit="percentunit", decimals=2,
        limit=LIMITS.spike_failure_share, links=(link,),
    )  # fmt: skip


def failed_by_type(number: int, link: Link) -> Panel:
    """Draw what they fail with."""
    return series(
        number, "Failed calls by error type", "Failed calls per second, after all retries.",
        Query(expr=BOARD.rate(names.CALLS, names.ERROR_TYPE, where=FAILED), legend=legend(names.ERROR_TYPE)),
        unit="cps", stacked=True, links=(link,), empty="No failed call in this time range",
    )  # fmt: skip
