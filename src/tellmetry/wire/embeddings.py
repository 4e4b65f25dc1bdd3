"""OpenAI's embeddings format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, count, fields, length, text

OPERATION = "embeddings"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for; a client's own choice of encoding is not the app's."""
    call.model = text(body.get("model"))
    call.dimensions = count(body.get("dimensions"))


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("input"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer; embeddings have no output tokens."""
    told = all_fields(reply)
    call.response_model = text(told.get("model"))
    usage = fields(told.get("usage"))
    call.input_tokens = count(usage.get("prompt_tokens", usage.get("total_tokens")))


chunk = reply
