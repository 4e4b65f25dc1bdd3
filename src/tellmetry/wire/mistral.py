"""Mistral's chat format: OpenAI's, but for its stream, whose events hold their chunk as data, and seconds of audio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import chat_completions
from tellmetry.wire.chat_completions import OPERATION, input_chars
from tellmetry.wire.shape import all_fields, count, fields, text

__all__ = ("OPERATION", "chunk", "input_chars", "reply", "request")


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for; an agent stands for its model."""
    chat_completions.request(call, body)
    call.seed = count(body.get("random_seed"))
    call.model = call.model or text(body.get("agent_id"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    chat_completions.reply(call, reply)
    _usage(call, fields(reply).get("usage"))


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event."""
    inside = fields(event).get("data")
    chat_completions.chunk(call, inside)
    if fields(inside).get("usage") is not None:
        _usage(call, fields(inside)["usage"])


def _usage(call: ModelCall, usage: Any) -> None:
    told = all_fields(usage)
    seconds = count(told.get("prompt_audio_seconds"))
    if seconds:
        call.audio_seconds = float(seconds)
    tier = text(told.get("service_tier"))
    if tier is not None:
        call.service_tier = tier
