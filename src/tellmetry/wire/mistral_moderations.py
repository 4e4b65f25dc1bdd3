"""Mistral's moderation format: categories, and nothing that says flagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, items, text

OPERATION = "moderation"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read the verdict: flagged is any category that was hit."""
    told = fields(reply)
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))
    usage = fields(told.get("usage"))
    call.input_tokens = count(usage.get("prompt_tokens"))
    verdicts = (fields(fields(one).get("categories")) for one in items(told.get("results")))
    hits = [name for verdict in verdicts for name, hit in verdict.items() if hit]
    call.checked("moderation", "flag" if hits else "pass", hits[0] if hits else None, "input")


chunk = reply
