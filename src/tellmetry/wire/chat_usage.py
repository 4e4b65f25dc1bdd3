"""The usage block of OpenAI's chat completions, in the words of all those who speak the format."""

from __future__ import annotations

from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import costs
from tellmetry.wire.shape import all_fields, count


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block: cached tokens are inside the prompt tokens, reasoning inside the completion tokens."""
    told = all_fields(usage)
    call.input_tokens = count(told.get("prompt_tokens"))
    call.output_tokens = count(told.get("completion_tokens"))
    into = all_fields(told.get("prompt_tokens_details"))
    out = all_fields(told.get("completion_tokens_details"))
    elsewhere = told.get("prompt_cache_hit_tokens", told.get("cached_tokens"))  # DeepSeek; Together, Moonshot
    cached = into.get("cached_tokens", elsewhere)
    if cached is not None:
        call.cache_read_tokens = count(cached)
    if into.get("cache_write_tokens") is not None:
        call.cache_write_tokens = count(into["cache_write_tokens"])
    if into.get("audio_tokens"):
        call.input_audio_tokens = count(into["audio_tokens"])
    if into.get("image_tokens"):
        call.input_image_tokens = count(into["image_tokens"])
    if out.get("audio_tokens"):
        call.output_audio_tokens = count(out["audio_tokens"])
    reasoning = out.get("reasoning_tokens")
    if reasoning is not None:
        call.reasoning_tokens = count(reasoning)
        if reasoning:
            _add_outside_reasoning(call, count(told.get("total_tokens")))
    if call.provider in costs.TOLD:
        costs.take(call, told)


def _add_outside_reasoning(call: ModelCall, total: int | None) -> None:
    """Add reasoning where a provider counts it beside its completion tokens, as its total shows (xAI)."""
    counted = (call.input_tokens or 0) + (call.output_tokens or 0)
    if total == counted + (call.reasoning_tokens or 0):
        call.output_tokens = total - (call.input_tokens or 0)
