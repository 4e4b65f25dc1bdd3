"""OpenAI's transcription and translation formats: tokens or seconds, by the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, count, fields, number, text

OPERATION = "transcription"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for; the audio itself is not looked at."""
    call.model = text(body.get("model"))
    if body.get("stream"):
        call.stream = True
    call.temperature = number(body.get("temperature"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer; one that was asked for as plain text tells nothing."""
    told = all_fields(reply)
    seconds = number(told.get("duration"))
    if seconds is not None:
        call.audio_seconds = seconds
    if told.get("usage") is not None:
        usage(call, told["usage"])


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event: text, then the counts."""
    told = fields(event)
    call.output_chars += len(told.get("delta") or "")
    if told.get("type") == "transcript.text.done" and told.get("usage") is not None:
        usage(call, told["usage"])


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block, of either kind."""
    told = all_fields(usage)
    if told.get("type") == "duration":
        call.audio_seconds = number(told.get("seconds"))
        return
    call.input_tokens = count(told.get("input_tokens"))
    call.output_tokens = count(told.get("output_tokens"))
    call.input_audio_tokens = count(all_fields(told.get("input_token_details")).get("audio_tokens")) or None
