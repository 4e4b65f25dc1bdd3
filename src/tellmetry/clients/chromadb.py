"""Chroma's client: a collection's searches and look-ups, in the process or on a server.

`peek` and `count` look at the collection, not for something in it: they are not told.
"""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import chroma

_METHODS: tuple[tuple[str, dict[str, Any]], ...] = (("query", {"n_results": 10}), ("search", {}), ("get", {}))


def _of(defaults: dict[str, Any]) -> Any:
    def known(collection: Any) -> dict[str, Any]:
        about = {"configuration": collection.configuration_json, "metadata": collection.metadata}
        return {"collection": collection.name, **about, **defaults}

    return known


def _url(collection: Any) -> str | None:
    return getattr(collection._client, "_api_url", None)


CLIENT = Client(
    name="chromadb",
    package="chromadb",
    tested=("0.6.3", "1.5.9"),
    tells="retrievals",
    proof="embedded, and its own server",
    places=tuple(
        method(
            "chromadb", f"chromadb.api.models.{kind}:{kind}.{name}", chroma,
            provider="chroma", url=_url, record=Retrieval, body=arguments(of=_of(defaults)),
        )
        for kind in ("Collection", "AsyncCollection")
        for name, defaults in _METHODS
    ),
)  # fmt: skip
