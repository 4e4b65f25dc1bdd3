"""The rerank formats of Cohere, Together and those that copied them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import cohere
from tellmetry.wire.shape import all_fields, count, fields, text

OPERATION = "rerank"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer: search units where they are billed, tokens where those are."""
    told = all_fields(reply)
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))
    if told.get("meta") is not None:
        cohere.usage(call, fields(told["meta"]))
    used = fields(told.get("usage"))
    if used:
        call.input_tokens = count(used.get("prompt_tokens", used.get("total_tokens")))


chunk = reply
