"""Weaviate's client: the queries of a collection, and those that Weaviate itself hands on to a model (`generate`).

Searches and fetches have a class each, plain and asynchronous. Pages of an iterator are no look-up, and not told.
"""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import weaviate

KINDS = {
    "near_vector": "NearVector", "near_text": "NearText", "near_object": "NearObject", "near_image": "NearImage",
    "near_media": "NearMedia", "hybrid": "Hybrid", "bm25": "BM25", "fetch_objects": "FetchObjects",
}  # fmt: skip


def _of(query: Any) -> dict[str, Any]:
    return {"collection": query._name}


def _url(query: Any) -> str:
    return str(query._connection.url)


CLIENT = Client(
    name="weaviate",
    package="weaviate-client",
    tested=("4.9.6", "4.24.1"),
    tells="retrievals",
    proof="a loopback gRPC server",
    places=tuple(
        method(
            "weaviate", f"weaviate.collections.queries.{name}:_{kind}{use}{side}.{name}", weaviate,
            provider="weaviate", url=_url, record=Retrieval, body=arguments(of=_of),
            when=lambda body: "after" not in body,
        )
        for name, kind in KINDS.items()
        for use in ("Query", "Generate")
        for side in ("", "Async")
    ),
)  # fmt: skip
