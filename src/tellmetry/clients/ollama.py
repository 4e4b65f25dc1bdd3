"""Ollama's client. Its module functions are methods of one client that are bound when the package is imported."""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.wire import ollama, ollama_embeddings, ollama_generate

_METHODS = (
    ("chat", ollama, ("model", "messages")),
    ("generate", ollama_generate, ("model", "prompt", "suffix")),
    ("embed", ollama_embeddings, ("model", "input")),
    ("embeddings", ollama_embeddings, ("model", "prompt")),
)


def _url(instance: Any) -> str:
    return str(instance._client.base_url)


CLIENT = Client(
    name="ollama",
    package="ollama",
    tested=("0.4.9", "0.6.3"),
    places=tuple(
        method(
            "ollama", f"ollama._client:{kind}.{name}", wire,
            provider="ollama", url=_url, body=arguments(*positional),
        )
        for kind in ("Client", "AsyncClient")
        for name, wire, positional in _METHODS
    ),
)  # fmt: skip
