"""Cohere's client, its second interface and its first."""

from __future__ import annotations

from typing import Any

from tellmetry.clients import listening
from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.wire import cohere, cohere_embeddings, rerank

_METHODS = (("chat", cohere), ("chat_stream", cohere), ("embed", cohere_embeddings), ("rerank", rerank))
_KINDS = ("v2.client:V2Client", "v2.client:AsyncV2Client", "base_client:BaseCohere", "base_client:AsyncBaseCohere")
_HTTP = "cohere.core.http_client"


def _url(instance: Any) -> str:
    return str(instance._client_wrapper.get_base_url())


CLIENT = Client(
    name="cohere",
    package="cohere",
    tested=("5.21.1", "7.3.1"),
    places=(
        *(
            method(
                "cohere", f"cohere.{kind}.{name}", wire,
                provider="cohere", url=_url, on_error=listening.failed_unheard, attempts=0,
            )
            for kind in _KINDS
            for name, wire in _METHODS
        ),
        *(
            Place(_HTTP, f"{kind}.{name}", listening.sent, "attempts")
            for kind in ("HttpClient", "AsyncHttpClient")
            for name in ("request", "stream")
        ),
        Place(_HTTP, "_should_retry", listening.answered, "statuses"),
        Place(_HTTP, "_retry_timeout", listening.waited, "waits"),
        Place(_HTTP, "_retry_timeout_from_retries", listening.waited, "waits"),
    ),
)  # fmt: skip
