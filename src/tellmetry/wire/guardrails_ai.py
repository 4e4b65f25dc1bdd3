"""Guardrails AI's outcomes: what failed is noted validator by validator, since a fixed answer counts as passed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Guardrail
from tellmetry.wire.shape import fields, member, text

OPERATION = names.OP_GUARDRAIL
_ACTS: dict[str | None, names.Outcome] = {  # what a validator does with what failed; others put something in its place
    "exception": "block",
    "filter": "block",
    "refrain": "block",
    "noop": "flag",
}
_UNNAMED = "gr-"  # a guard without a name of its own is called after its random id


def request(check: Guardrail, body: Mapping[str, Any]) -> None:
    """Read which guard it is."""
    name = text(body.get("name"))
    check.guardrail = name if name and not name.startswith(_UNNAMED) else "guardrails"
    check.target = "output"


def failed(check: Guardrail, validator: Any) -> None:
    """Note a validator that failed, and what it does then."""
    name = text(member(validator, "rail_alias")) or type(validator).__name__
    act = text(member(validator, "on_fail_descriptor"))
    check.found(_ACTS.get(act, "modify"), name.rpartition("/")[2])


def reply(check: Guardrail, reply: Any) -> None:
    """Read a verdict, beside what is noted of validators: not passed and without an answer is stopped."""
    told = fields(reply)
    if told.get("error") is not None:
        check.found("error", check.reason)
    elif told.get("validation_passed"):
        check.found("pass")
    elif "validation_passed" in told:
        check.found("block" if told.get("validated_output") is None else "flag", check.reason or "invalid")


chunk = reply
