"""What every row of the report is: a key of span attributes, an `add`, and itself as JSON."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Protocol

from tellmetry.emit.spans import Finished


class Row(Protocol):
    """One line of the report: spans that agree on the attributes `by`, given to it in that order."""

    by: ClassVar[tuple[str, ...]]

    def add(self, span: Finished) -> None: ...
    def as_json(self) -> dict[str, Any]: ...


class Seconds:
    """Lengths of time that were measured, and their quantiles."""

    def __init__(self) -> None:
        self._all: list[float] = []
        self._sorted = True

    def add(self, seconds: float) -> None:
        """Add one measurement."""
        self._all.append(seconds)
        self._sorted = False

    def at(self, share: float) -> float | None:
        """Give the quantile at a share from 0 to 1, linear between neighbours; None where nothing was measured."""
        if not self._all:
            return None
        if not self._sorted:
            self._all.sort()
            self._sorted = True
        place = share * (len(self._all) - 1)
        low, high = self._all[math.floor(place)], self._all[math.ceil(place)]
        return low + (high - low) * (place % 1)

    def as_json(self) -> dict[str, float | None]:
        """Show the two quantiles that the boards show."""
        return {"p50": self.at(0.5), "p95": self.at(0.95)}


def length_s(span: Finished) -> float:
    """Give a span's length in seconds."""
    return (span.ended_ns - span.started_ns) / 1e9
