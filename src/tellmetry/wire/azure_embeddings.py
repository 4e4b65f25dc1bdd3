"""Azure AI Inference's embeddings: OpenAI's format inside model objects."""

from __future__ import annotations

from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import embeddings
from tellmetry.wire.embeddings import OPERATION, input_chars, request

__all__ = ("OPERATION", "chunk", "input_chars", "reply", "request")


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer, but for the vectors."""
    told = getattr(reply, "_data", reply)
    usage = told.get("usage")
    embeddings.reply(call, {"model": told.get("model"), "usage": getattr(usage, "_data", usage)})


chunk = reply
