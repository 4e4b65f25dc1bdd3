"""OpenAI-compatible servers behind an address that says nothing: told apart by what they write beside the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OLLAMA = "fp_ollama"


def server(told: Mapping[str, Any]) -> str | None:
    """Name the server that wrote an answer or a first chunk, or None where it looks like OpenAI's own."""
    mark = told.get("system_fingerprint")
    if mark == _OLLAMA:
        return "ollama"
    if mark is not None and mark == told.get("model"):
        return "lm_studio"
    if "prompt_logprobs" in told or "prompt_token_ids" in told or "kv_transfer_params" in told:
        return "vllm"
    return "llama_cpp" if "timings" in told else None
