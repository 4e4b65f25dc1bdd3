"""Hugging Face's text generation: a bare text, or details that count the tokens made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, items, length, number, text

OPERATION = "text_completion"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    if body.get("stream"):
        call.stream = True
    call.temperature = number(body.get("temperature"))
    call.top_p = number(body.get("top_p"))
    call.top_k = count(body.get("top_k"))
    call.max_tokens = count(body.get("max_new_tokens"))
    call.seed = count(body.get("seed"))


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("prompt"))


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one streamed token, or a whole answer: the details come with the last, where they were asked for."""
    if isinstance(chunk, str):
        call.output_chars += len(chunk)
        return
    told = fields(chunk)
    call.output_chars += len(fields(told.get("token")).get("text") or "")
    details = fields(told.get("details"))
    if details:
        call.output_tokens = count(details.get("generated_tokens"))
        call.input_tokens = count(details.get("input_length")) or len(list(items(details.get("prefill")))) or None
        reason = text(details.get("finish_reason"))
        call.finish_reasons = (reason,) if reason else None


reply = chunk
