"""LiteLLM's answers: OpenAI's shapes, with what LiteLLM knows beside them in hidden parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.hosts import host
from tellmetry.wire.shape import all_fields, count, fields, number, text

_PROVIDERS = {  # LiteLLM's name → OpenTelemetry's; others keep LiteLLM's
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "cohere_chat": "cohere",
    "custom_openai": "openai",
    "fireworks_ai": "fireworks",
    "gemini": "gcp.gemini",
    "hosted_vllm": "vllm",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "ollama_chat": "ollama",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
_SAME = frozenset(
    ("anthropic", "cerebras", "cohere", "deepseek", "groq", "huggingface", "lm_studio", "ollama", "openai",
     "openrouter", "perplexity", "sambanova", "vllm")
)  # fmt: skip


def provider(name: str | None) -> str | None:
    """Give OpenTelemetry's name of a provider."""
    return name and _PROVIDERS.get(name, name)


class Translated:
    """One of OpenAI's formats as LiteLLM speaks it."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire
        self.OPERATION: str = wire.OPERATION

    def request(self, call: ModelCall, body: Mapping[str, Any]) -> None:
        """Read what the app asks for; the model's name begins with its provider."""
        self._wire.request(call, body)
        first, slash, rest = (call.model or "").partition("/")
        named = text(body.get("custom_llm_provider"))
        if slash and (first in _PROVIDERS or first in _SAME):
            named, call.model = first, rest
        call.provider = provider(named)

    def input_chars(self, body: Mapping[str, Any]) -> int:
        """Count the characters sent."""
        counted = getattr(self._wire, "input_chars", None)
        return counted(body) if counted is not None else 0

    def reply(self, call: ModelCall, reply: Any) -> None:
        """Read a whole answer."""
        _read_hidden(call, reply)
        told = all_fields(reply)
        self._wire.reply(call, told)
        _read_written(call, told)

    def chunk(self, call: ModelCall, chunk: Any) -> None:
        """Read one streamed chunk; the first tells where it comes from."""
        if call.provider is None or call.api_url is None:
            _read_hidden(call, chunk)
        told = all_fields(chunk)
        self._wire.chunk(call, told)
        _read_written(call, told)


def _read_written(call: ModelCall, told: Mapping[str, Any]) -> None:
    """Read what was written to a cache, which LiteLLM puts beside what was read from one."""
    into = all_fields(all_fields(told.get("usage")).get("prompt_tokens_details"))
    written = count(into.get("cache_creation_tokens"))
    if written:
        call.cache_write_tokens = written
        for_an_hour = all_fields(into.get("cache_creation_token_details")).get("ephemeral_1h_input_tokens")
        call.cache_write_1h_tokens = count(for_an_hour) or None


def _read_hidden(call: ModelCall, reply: Any) -> None:
    hidden = fields(getattr(reply, "_hidden_params", None))
    named = text(hidden.get("custom_llm_provider"))
    if named is not None:
        call.provider = provider(named)
    at = text(hidden.get("api_base"))
    if at is not None:
        host(at).write_on(call)
    call.reckoned_usd = number(hidden.get("response_cost")) or None
