"""Google's embedContent format, as the SDK's objects spell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, items, length, text

OPERATION = "embeddings"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    model = text(body.get("model"))
    call.model = model and (model.rpartition("models/")[2] or model)
    call.dimensions = count(fields(body.get("config")).get("output_dimensionality"))


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("contents"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer: Gemini counts for all, Vertex for each text."""
    told = fields(reply)
    call.input_tokens = count(fields(told.get("usage_metadata")).get("prompt_token_count"))
    if call.input_tokens is None:
        each = [_tokens(one) for one in items(told.get("embeddings"))]
        counts = [counted for counted in each if counted is not None]
        if counts and len(counts) == len(each):
            call.input_tokens = sum(counts)
    call.characters = count(fields(told.get("metadata")).get("billable_character_count"))


def _tokens(embedding: Any) -> int | None:
    return count(fields(fields(embedding).get("statistics")).get("token_count"))


chunk = reply
