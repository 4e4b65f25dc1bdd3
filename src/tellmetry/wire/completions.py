"""OpenAI's legacy text completions format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import chat_completions
from tellmetry.wire.shape import fields, items, length

OPERATION = "text_completion"
request = chat_completions.request
reply = chat_completions.reply


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("prompt"))


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one streamed chunk: the text stands in the choice itself."""
    chat_completions.chunk(call, chunk)
    for choice in items(fields(chunk).get("choices")):
        call.output_chars += len(fields(choice).get("text") or "")
