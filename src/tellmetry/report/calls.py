"""Rows of model calls: what they cost, how long they took, what failed."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, ClassVar

from tellmetry import names
from tellmetry.emit.spans import Finished
from tellmetry.report.row import Seconds, length_s

_SUMS = {
    "input_tokens": names.INPUT_TOKENS,
    "output_tokens": names.OUTPUT_TOKENS,
    "cached_tokens": names.CACHE_READ_TOKENS,
    "rate_limited": names.RATE_LIMITED,
}


class CallRow:
    """Calls to one model by one workflow with one version of a prompt; without a key, all calls."""

    by: ClassVar[tuple[str, ...]] = (
        names.WORKFLOW, names.PROVIDER, names.REQUEST_MODEL, names.PROMPT_NAME, names.PROMPT_VERSION,
    )  # fmt: skip

    def __init__(self, *key: Any) -> None:
        told: tuple[str | None, ...] = key or (None,) * len(self.by)
        self.workflow, self.provider, self.model, self.prompt, self.version = told
        self.calls = self.failed = self.retries = self.unpriced = self.estimated = 0
        self.retrieved = self.retrieved_empty = 0
        self.sums: Counter[str] = Counter()
        self.guardrails: Counter[str] = Counter()
        self.latency, self.first_chunk = Seconds(), Seconds()
        self._costs: list[float] = []

    def add(self, span: Finished) -> None:
        """Add one call."""
        told = span.attributes.get
        self.calls += 1
        self.failed += told(names.ERROR_TYPE) is not None
        self.retries += max(int(told(names.ATTEMPTS) or 1) - 1, 0)
        self.estimated += bool(told(names.USAGE_ESTIMATED))
        self._add_cost(told(names.COST_USD), told(names.COST_SOURCE))
        for field, attribute in _SUMS.items():
            self.sums[field] += told(attribute) or 0
        self._add_feed(told(names.RETRIEVAL_COUNT), told(names.GUARDRAIL_OUTCOME))
        self.latency.add(length_s(span))
        first = told(names.TIME_TO_FIRST_CHUNK)
        if first is not None:
            self.first_chunk.add(first)

    def _add_cost(self, usd: float | None, source: str | None) -> None:
        if usd is not None:
            self._costs.append(usd)
        elif source == names.UNPRICED:
            self.unpriced += 1

    def _add_feed(self, retrieved: int | None, outcome: str | None) -> None:
        if retrieved is not None:
            self.retrieved += 1
            self.retrieved_empty += retrieved == 0
        if outcome is not None:
            self.guardrails[outcome] += 1

    @property
    def cost_usd(self) -> float | None:
        """Dollars of all priced calls, summed without rounding on the way; None where no call had a price."""
        return math.fsum(self._costs) if self._costs else None

    def as_json(self) -> dict[str, Any]:
        """Show the row."""
        return {
            "workflow": self.workflow,
            "provider": self.provider,
            "model": self.model,
            "prompt": self.prompt,
            "prompt_version": self.version,
            "calls": self.calls,
            "failed": self.failed,
            "retries": self.retries,
            "cost_usd": self.cost_usd,
            "unpriced": self.unpriced,
            "estimated": self.estimated,
            **{field: self.sums[field] for field in _SUMS},
            "latency_s": self.latency.as_json(),
            "first_chunk_s": self.first_chunk.as_json(),
            "fed_by_retrieval": self.retrieved,
            "fed_by_empty_retrieval": self.retrieved_empty,
            "guardrails": dict(self.guardrails),
        }
