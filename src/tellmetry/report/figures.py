"""Numbers as people read them: money that is never rounded to nothing, counts that fit a column, times with units."""

from __future__ import annotations

import math

UNKNOWN = "\N{EN DASH}"
_STEPS = ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k"))


def money(usd: float | None) -> str:
    """Show dollars: cents from a dollar up, three digits that count below; what costs anything is never $0.00."""
    if usd is None:
        return UNKNOWN
    if usd == 0:
        return "$0"
    if abs(usd) >= 1:
        return f"${usd:,.2f}"
    digits = 2 - math.floor(math.log10(abs(usd)))
    whole, _, part = f"{usd:.{digits}f}".partition(".")
    return f"${whole}.{part.rstrip('0').ljust(2, '0')}"


def count(number: float) -> str:
    """Show a count: exact up to 9,999, three digits and a unit beyond."""
    for step, unit in _STEPS:
        if abs(number) >= step:
            size = number / (1000 if unit == "k" else step)
            return f"{size:.{max(0, 2 - math.floor(math.log10(abs(size))))}f}{unit}"
    return f"{number:,.0f}"


def seconds(time_s: float | None) -> str:
    """Show a time: milliseconds below a second, minutes from a hundred seconds up."""
    if time_s is None:
        return UNKNOWN
    if time_s >= 100:
        return f"{time_s / 60:.1f}m"
    if time_s >= 0.9995:
        return f"{time_s:.2f}s" if time_s < 10 else f"{time_s:.1f}s"
    return f"{time_s * 1000:.0f}ms" if time_s >= 0.00995 or time_s == 0 else f"{time_s * 1000:.1f}ms"


def size(number: int) -> str:
    """Show bytes."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if number >= 1024**power:
            return f"{number / 1024**power:.1f} {unit}"
    return f"{number} bytes"


def age(time_s: float) -> str:
    """Show how long ago something was, in its largest unit."""
    for length, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if time_s >= 2 * length:
            return f"{time_s / length:.0f} {unit}"
    return f"{max(time_s, 0):.0f} seconds"
