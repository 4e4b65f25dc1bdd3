"""Qdrant's client, in the process or against a server.

`QdrantClient` hands every call to one of two classes for either kind: they are patched, so that what it says of its
deprecated methods still names the app's line.
"""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import qdrant

_KINDS = (
    "qdrant_remote:QdrantRemote",
    "async_qdrant_remote:AsyncQdrantRemote",
    "local.qdrant_local:QdrantLocal",
    "local.async_qdrant_local:AsyncQdrantLocal",
)
_RANKED = ("query_points", "query_points_groups", "scroll")
_LISTED = ("query_batch_points", "retrieve")
_UNTIL_1_16 = ("search", "search_groups", "recommend", "recommend_groups", "discover")
_BATCHES_UNTIL_1_16 = ("search_batch", "recommend_batch", "discover_batch")


def _url(remote: Any) -> str | None:
    return getattr(remote, "rest_uri", None)


def _wanted(remote: Any) -> dict[str, Any]:
    return {"limit": 10}


def _nothing(remote: Any) -> dict[str, Any]:
    return {}


CLIENT = Client(
    name="qdrant",
    package="qdrant-client",
    tested=("1.15.1", "1.20.0"),
    tells="retrievals",
    proof="embedded, and a loopback server",
    places=tuple(
        method(
            "qdrant", f"qdrant_client.{kind}.{name}", qdrant,
            provider="qdrant", url=_url, record=Retrieval, body=arguments("collection_name", of=of),
        )
        for kind in _KINDS
        for methods, of in ((_RANKED + _UNTIL_1_16, _wanted), (_LISTED + _BATCHES_UNTIL_1_16, _nothing))
        for name in methods
    ),
)  # fmt: skip
