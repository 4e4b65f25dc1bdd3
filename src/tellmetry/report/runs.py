"""Rows of workflow runs: what they concluded, what one costs, who answers for it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, ClassVar

from tellmetry import names
from tellmetry.emit.spans import Finished
from tellmetry.report.row import Seconds, length_s


class RunRow:
    """Runs of one workflow."""

    by: ClassVar[tuple[str, ...]] = (names.WORKFLOW, names.OWNER)

    def __init__(self, workflow: str | None, owner: str | None) -> None:
        self.workflow, self.owner = workflow, owner
        self.runs = self.failed = 0
        self.results: Counter[str] = Counter()
        self.fallbacks: Counter[str] = Counter()
        self.duration = Seconds()
        self._costs: list[float] = []

    def add(self, span: Finished) -> None:
        """Add one run."""
        told = span.attributes.get
        self.runs += 1
        self.failed += told(names.ERROR_TYPE) is not None
        result = told(names.RESULT)
        if result is not None:
            self.results[result] += 1
        if told(names.FALLBACK_FROM) is not None:
            self.fallbacks[told(names.FALLBACK_REASON) or "unknown"] += 1
        self._costs.append(told(names.COST_USD) or 0.0)
        self.duration.add(length_s(span))

    @property
    def cost_usd(self) -> float:
        """Dollars of the calls inside all these runs."""
        return math.fsum(self._costs)

    @property
    def cost_usd_per_run(self) -> float:
        """Dollars of the average run."""
        return self.cost_usd / self.runs

    def as_json(self) -> dict[str, Any]:
        """Show the row."""
        return {
            "workflow": self.workflow,
            "owner": self.owner,
            "runs": self.runs,
            "failed": self.failed,
            "results": dict(self.results),
            "fallbacks": dict(self.fallbacks),
            "cost_usd": self.cost_usd,
            "cost_usd_per_run": self.cost_usd_per_run,
            "duration_s": self.duration.as_json(),
        }
