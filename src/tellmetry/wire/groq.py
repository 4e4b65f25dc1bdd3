"""Groq's chat format: OpenAI's, with a stream that tells its usage without being asked, in a block of Groq's own."""

from __future__ import annotations

from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import chat_completions, chat_usage
from tellmetry.wire.chat_completions import OPERATION, input_chars, reply, request
from tellmetry.wire.shape import fields

__all__ = ("OPERATION", "chunk", "input_chars", "reply", "request")


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one streamed chunk."""
    chat_completions.chunk(call, chunk)
    own = fields(chunk).get("x_groq")
    used = None if own is None else fields(own).get("usage")
    if used is not None:
        chat_usage.usage(call, used)
