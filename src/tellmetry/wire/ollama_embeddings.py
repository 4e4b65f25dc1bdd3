"""Ollama's embed format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, text

OPERATION = "embeddings"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    call.dimensions = count(body.get("dimensions"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer; the older endpoint counts nothing."""
    told = fields(reply)
    call.response_model = text(told.get("model"))
    call.input_tokens = count(told.get("prompt_eval_count"))


chunk = reply
