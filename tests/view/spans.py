"""Spans as the store gives them back."""

from __future__ import annotations

from typing import Any

from tellmetry import names
from tellmetry.emit.spans import Finished, Own

SECOND = 10**9


def span(number: int, parent: int = 0, at_s: int = 0, failed: bool = False, name: str = "chat gpt-4o-mini", **told: Any) -> Finished:
    """Give a span of two seconds; `told` are names of `names` and values."""
    attributes = {names.OPERATION: "chat", **{getattr(names, key): value for key, value in told.items()}}
    return Finished(name, "client", Own(1, number, parent, False), at_s * SECOND, (at_s + 2) * SECOND, attributes, failed)


RUN = span(1, name="invoke_workflow lead_triage", OPERATION=names.OP_WORKFLOW, RESULT="manual_review", COST_USD=9.0)
CALLS = [span(2, 1, 1, COST_USD=0.5, INPUT_TOKENS=1200, OUTPUT_TOKENS=34), span(3, 1, 2, failed=True, ERROR_TYPE="APITimeoutError")]
LATER = span(4, 99, 60, COST_USD=0.25)
LOST = span(5, 0, 61, OPERATION=names.OP_LOST)
ALL = [LATER, CALLS[1], LOST, RUN, CALLS[0]]
