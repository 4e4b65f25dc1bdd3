"""Presidio's results: what kind of personal data was found, and how surely; an analyzer only detects, so it flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Guardrail
from tellmetry.wire.shape import fields, items, number, text

OPERATION = names.OP_GUARDRAIL


def request(check: Guardrail, body: Mapping[str, Any]) -> None:
    """Read nothing: whose text it is, only the app knows."""
    check.guardrail = "presidio"


def reply(check: Guardrail, reply: Any) -> None:
    """Read a list of results, of many texts where many were analyzed, or what an anonymizer has put in their place."""
    replaced = fields(reply).get("items")
    found = sorted(_each(replaced if replaced is not None else reply), key=_surest, reverse=True)
    if not found:
        check.found("pass")
        return
    kind = text(found[0].get("entity_type"))
    check.found("flag" if replaced is None else "modify", kind.lower() if kind else "pii")


def _each(results: Any) -> Iterator[Mapping[str, Any]]:
    for one in items(results):
        if isinstance(one, list):
            yield from _each(one)
        else:
            yield fields(one)


def _surest(result: Mapping[str, Any]) -> float:
    return number(result.get("score")) or 0.0


chunk = reply
