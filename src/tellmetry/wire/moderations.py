"""OpenAI's moderation format: a model call that is also a guardrail check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, fields, items, text

OPERATION = "moderation"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model")) or "omni-moderation-latest"


def reply(call: ModelCall, reply: Any) -> None:
    """Read the verdict: flagged or not, and the first category that was hit."""
    told = fields(reply)
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))
    flagged = [fields(one) for one in items(told.get("results")) if fields(one).get("flagged")]
    if not flagged:
        call.checked("moderation", "pass", None, "input")
        return
    hit = [name for name, said in all_fields(flagged[0].get("categories")).items() if said]
    call.checked("moderation", "flag", _plain(hit[0]) if hit else "flagged", "input")


def _plain(category: str) -> str:
    """Name a category as Python's client does, which cannot write `self-harm/intent`."""
    return category.replace("/", "_").replace("-", "_")


chunk = reply
