"""Bedrock's ApplyGuardrail format: a guardrail check that the app asks for by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Guardrail
from tellmetry.wire.guardrail_assessment import Finding, intervened, reasons
from tellmetry.wire.shape import fields, items, text

OPERATION = names.OP_GUARDRAIL


def request(check: Guardrail, body: Mapping[str, Any]) -> None:
    """Read what is to be checked: which guardrail, input or output."""
    check.guardrail = text(body.get("guardrailIdentifier"))
    source = text(body.get("source"))
    check.target = source.lower() if source else None


def reply(check: Guardrail, reply: Any) -> None:
    """Read the verdict."""
    told = fields(reply)
    found = [one for assessment in items(told.get("assessments")) for one in reasons(assessment)]
    check.outcome = _outcome(told.get("action"), found)
    if check.outcome != "pass":
        acted = [one for one in found if one.action != "NONE"] or found
        check.reason = acted[0].reason if acted else "guardrail"


def _outcome(action: Any, found: list[Finding]) -> names.Outcome:
    if action == "GUARDRAIL_INTERVENED":
        return intervened(found)
    return "flag" if found else "pass"


chunk = reply
