"""Azure's content filter: what it found in a prompt or an answer, by category, and whether it stopped it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, fields, items, text

NAME = "content_filter"


def stopped(call: ModelCall, results: Any = None, target: str = "output") -> None:
    """Note that the filter stepped in, and for which category where it says so."""
    _note(call, "block", _first(results, "filtered") or NAME, target)


def prompts(call: ModelCall, results: Any) -> None:
    """Note what the filter only detected in a prompt, such as a jailbreak, where it is set to let that through."""
    for one in items(results):
        found = _first(fields(one).get("content_filter_results"), "detected")
        if found is not None:
            _note(call, "flag", found, "input")


def refused(call: ModelCall, error: Any) -> None:
    """Read the error that a filtered prompt is answered with; any other error says nothing here."""
    told = fields(error)
    told = fields(told.get("error")) or told
    inner = fields(told.get("innererror"))
    if told.get("code") == NAME or inner.get("code") == "ResponsibleAIPolicyViolation":
        results = inner.get("content_filter_result") or inner.get("content_filter_results")
        stopped(call, results, "input")


def _first(results: Any, said: str) -> str | None:
    categories: Mapping[str, Any] = all_fields(results)
    return next((text(name) for name, one in categories.items() if fields(one).get(said) is True), None)


def _note(call: ModelCall, outcome: Any, reason: str, target: str) -> None:
    if not any(check.guardrail == NAME and check.target == target for check in call.checks):
        call.checked(NAME, outcome, reason, target)
