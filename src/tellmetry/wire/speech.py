"""OpenAI's speech format: the answer is sound, and what is charged is what was sent: its characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, count, fields, text

OPERATION = "speech"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    call.output_type = "speech"
    call.characters = len(body.get("input") or "")


def reply(call: ModelCall, reply: Any) -> None:
    """Read nothing: sound has no counts, and it is the app's to read."""


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event of a streamed answer: the last has the counts."""
    told = all_fields(fields(event).get("usage"))
    if told:
        call.input_tokens = count(told.get("input_tokens"))
        call.output_tokens = count(told.get("output_tokens"))
