"""What is made of an answer when its call ends: doubts, the provider's checks, an estimate of what was not counted."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from tellmetry.engine import operation
from tellmetry.guard import lose
from tellmetry.record import Check, Guardrail, ModelCall, Record

_WORDED = ("chat", "text_completion", "generate_content")
_answered = attrgetter("response_id", "response_model", "finish_reasons", "input_tokens")
_NOTHING = (None,) * 4


def doubt(record: Record, wire: Any) -> None:
    """Say that an answer had nothing that we know: a newer client's, or a server's that speaks otherwise.

    Only of models that answer in words, whose every format names itself or counts; not where the app alone reads, and
    not of a refusal, which is read where a transport gives it as an answer.
    """
    if not isinstance(record, ModelCall) or record.operation not in _WORDED or record.error_type is not None:
        return
    if _answered(record) == _NOTHING and not getattr(wire, "UNREAD", False):
        lose("reading a reply", because=f"an answer of {record.client} has no field that we know")


def tell(call: ModelCall, check: Check) -> None:
    """Tell a provider's own guardrail check as a record beside the call."""
    record = Guardrail()
    record.client = call.client
    record.guardrail, record.outcome, record.reason, record.target = check
    operation.tell(record, call.ended_ns)


def estimate(record: ModelCall, wire: Any, body: Any) -> None:
    """Mark and fill the usage of a stream that left none: four characters are about one token."""
    record.estimated = True
    if record.input_tokens is None:
        count = getattr(wire, "input_chars", None)
        record.input_tokens = -(-count(body) // 4) if count is not None else 0
    record.output_tokens = -(-record.output_chars // 4)
