"""Google's client, for Gemini and Vertex. One call is one request: automatic function calling makes several."""

from __future__ import annotations

from typing import Any

from tellmetry.clients import listening
from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.wire import gemini, gemini_embeddings

_METHODS = (
    ("_generate_content", gemini),  # private, in every major read: the public ones loop over it
    ("_generate_content_stream", gemini),
    ("embed_content", gemini_embeddings),
)


def _provider(instance: Any) -> str:
    return "gcp.vertex_ai" if instance._api_client.vertexai else "gcp.gemini"


def _url(instance: Any) -> str | None:
    return getattr(instance._api_client._http_options, "base_url", None)


CLIENT = Client(
    name="google_genai",
    package="google-genai",
    tested=("1.75.0", "3.6.1"),
    places=(
        *(
            method(
                "google_genai", f"google.genai.models:{kind}.{name}", wire,
                provider=_provider, url=_url, on_error=listening.failed_unheard, attempts=0,
            )
            for kind in ("Models", "AsyncModels")
            for name, wire in _METHODS
        ),
        Place("google.genai._api_client", "BaseApiClient._request_once", listening.sent, "attempts"),
        Place("google.genai._api_client", "BaseApiClient._async_request_once", listening.sent, "attempts"),
        Place("google.genai.errors", "APIError.raise_for_response", listening.answered, "statuses"),
        Place("google.genai.errors", "APIError.raise_for_async_response", listening.answered, "statuses"),
    ),
)  # fmt: skip
