"""Cohere's embed format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import cohere
from tellmetry.wire.shape import count, fields, items, length, text

OPERATION = "embeddings"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    call.dimensions = count(body.get("output_dimension"))
    kinds = [kind for one in items(body.get("embedding_types")) if (kind := text(one))]
    if kinds:
        call.encoding_formats = tuple(kinds)


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("texts"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer; embeddings have no output tokens."""
    told = fields(reply)
    call.response_id = text(told.get("id"))
    if told.get("meta") is not None:
        cohere.usage(call, fields(told["meta"]))
        call.output_tokens = None


chunk = reply
