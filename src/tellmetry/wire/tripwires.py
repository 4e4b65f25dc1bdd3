"""What a guardrail of OpenAI's agents says: whether its tripwire was triggered, or how a tool call goes on."""

from __future__ import annotations

from typing import Any

from tellmetry import names
from tellmetry.record import Guardrail
from tellmetry.wire.shape import fields

OPERATION = names.OP_GUARDRAIL
_TRIPPED = "tripwire"
_BEHAVIOURS: dict[Any, tuple[names.Outcome, str | None]] = {
    "allow": ("pass", None),
    "reject_content": ("block", "rejected"),
    "raise_exception": ("block", _TRIPPED),
}


def request(check: Guardrail, body: Any) -> None:
    """Read nothing: what is checked is content."""


def reply(check: Guardrail, reply: Any) -> None:
    """Read the verdict, of a guardrail around an agent or of one around a tool."""
    told = fields(fields(reply).get("output", reply))
    if "behavior" in told:
        check.outcome, check.reason = _BEHAVIOURS.get(fields(told["behavior"]).get("type"), ("flag", None))
    elif told.get("tripwire_triggered") is True:
        check.outcome, check.reason = "block", _TRIPPED
    else:
        check.outcome = "pass"


chunk = reply


def failed(check: Guardrail, error: BaseException) -> None:
    """Note that a check could not be made."""
    check.outcome, check.reason = "error", type(error).__qualname__
