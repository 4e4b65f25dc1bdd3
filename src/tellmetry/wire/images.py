"""OpenAI's image format: tokens where the model counts them, pictures for those that are charged by the piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, count, fields, items, text

OPERATION = "image_generation"
_COMPLETED = ("image_generation.completed", "image_edit.completed")


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    call.output_type = "image"
    choices = count(body.get("n"))
    call.choices = None if choices == 1 else choices
    if body.get("stream"):
        call.stream = True


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return len(body.get("prompt") or "")


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    told = fields(reply)
    call.response_id = text(told.get("id"))
    call.images = len(list(items(told.get("data")))) or None
    if told.get("usage") is not None:
        usage(call, told["usage"])


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event: previews come before the picture, which brings the counts."""
    told = fields(event)
    if told.get("type") in _COMPLETED:
        call.images = (call.images or 0) + 1
        if told.get("usage") is not None:
            usage(call, told["usage"])


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block: pictures sent are inside the input, pictures made are the output."""
    told = all_fields(usage)
    into, out = all_fields(told.get("input_tokens_details")), all_fields(told.get("output_tokens_details"))
    call.input_tokens = count(told.get("input_tokens"))
    call.output_tokens = count(told.get("output_tokens"))
    call.input_image_tokens = count(into.get("image_tokens")) or None
    drawn = count(out.get("image_tokens"))
    call.output_image_tokens = (call.output_tokens if drawn is None else drawn) or None
