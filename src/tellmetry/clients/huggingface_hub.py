"""Hugging Face's InferenceClient, which routes to many providers; prices are those of the provider behind it."""

from __future__ import annotations

from typing import Any

from tellmetry.clients import listening
from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.wire import chat_completions, huggingface, huggingface_features

_METHODS = (
    ("chat_completion", chat_completions, ("messages",)),
    ("text_generation", huggingface, ("prompt",)),
    ("feature_extraction", huggingface_features, ("text",)),
)
_MADE = "TextGenerationError"
_ROUTER = "https://router.huggingface.co"
_KINDS = (
    "huggingface_hub.inference._client:InferenceClient",
    "huggingface_hub.inference._generated._async_client:AsyncInferenceClient",
)


def _is_address(model: Any) -> bool:
    return isinstance(model, str) and model.startswith(("http://", "https://"))


def _url(instance: Any) -> str:
    """Give the address of a server of one's own, else the router's, which tells the provider behind it."""
    if _is_address(instance.model):
        return str(instance.model)
    routed = getattr(instance, "provider", None)
    return f"{_ROUTER}/{routed}" if routed and routed != "auto" else _ROUTER


def _body(*positional: str) -> Any:
    named = arguments(*positional)

    def body(instance: Any, args: Any, kwargs: Any) -> Any:
        told = named(instance, args, kwargs)
        model = told.get("model") or instance.model
        return {**told, "model": None if _is_address(model) else model}

    return body


def _failed(call: Any, error: BaseException) -> None:
    """Read the status that an error brings: what text generation makes of an answer is raised from one that has it."""
    made = any(kind.__name__ == _MADE for kind in type(error).__mro__)
    listening.failed(call, (made and error.__cause__) or error)


CLIENT = Client(
    name="huggingface_hub",
    package="huggingface-hub",
    tested=("0.36.2", "2.4.0"),
    places=tuple(
        method(
            "huggingface_hub", f"{kind}.{name}", wire,
            provider="huggingface", url=_url, body=_body(*positional), on_error=_failed,
        )
        for kind in _KINDS
        for name, wire, positional in _METHODS
    ),
)  # fmt: skip
