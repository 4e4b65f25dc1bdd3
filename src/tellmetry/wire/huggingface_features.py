"""Hugging Face's feature extraction: numbers, and nothing that is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import text

OPERATION = "embeddings"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read nothing: the answer is an array."""


chunk = reply
