"""Azure's client for models of many makers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.clients import listening, stepping
from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.engine.call import Call
from tellmetry.engine.traced import settle
from tellmetry.wire import azure_embeddings, azure_inference, content_filter

_SIDES = ("azure.ai.inference._patch", "azure.ai.inference.aio._patch")
_MODELS = "azure.ai.inference.models._patch"


def _url(instance: Any) -> str:
    return str(instance._config.endpoint)


def _body(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    whole = args[0] if args else kwargs.get("body")
    told = {**whole, **kwargs} if isinstance(whole, Mapping) else kwargs
    return told if told.get("model") else {**told, "model": getattr(instance, "_model", None)}


def _follow(call: Call, result: Any) -> Any:
    if type(result).__name__.endswith("StreamingChatCompletions"):
        return stepping.follow(call, result)
    return settle(call, result)


def _failed(call: Any, error: BaseException) -> None:
    """Read whether a filter refused the prompt: the client has shown its answers already, but not this."""
    content_filter.refused(call, getattr(error, "error", None))


CLIENT = Client(
    name="azure_ai_inference",
    package="azure-ai-inference",
    tested=("1.0.0b9",),
    places=(
        *(
            method(
                "azure_ai_inference", f"{side}:{path}", wire,
                provider="azure.ai.inference", url=_url, body=_body, follow=_follow, on_error=_failed,
                attempts=0,
            )
            for side in _SIDES
            for path, wire in (
                ("ChatCompletionsClient.complete", azure_inference),
                ("EmbeddingsClient.embed", azure_embeddings),
            )
        ),
        *stepping.places(_MODELS, "StreamingChatCompletions", ("__next__",), ("close",)),
        *stepping.places(_MODELS, "AsyncStreamingChatCompletions", ("__anext__",), ("aclose",)),
        *(
            Place(f"azure.ai.inference{side}._client", f"policies.{kind}.{name}", heard, "attempts and statuses")
            for side, kind in (("", "RetryPolicy"), (".aio", "AsyncRetryPolicy"))
            for name, heard in (("is_retry", listening.answered), ("_configure_timeout", listening.sent))
        ),
    ),
)  # fmt: skip
