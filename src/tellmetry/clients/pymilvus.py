"""Milvus' client, and the older collection objects beside it.

Milvus Lite is a server of its own on loopback, which the client starts.
"""

from __future__ import annotations

import re
from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import milvus

_CLIENTS = ("milvus_client.milvus_client:MilvusClient", "milvus_client.async_milvus_client:AsyncMilvusClient")
_COLLECTIONS = ("orm.collection:Collection",)


def _tenth(_: Any) -> dict[str, Any]:
    return {"limit": 10}


def _name(collection: Any) -> dict[str, Any]:
    return {"collection_name": collection.name}


_METHODS = (
    (_CLIENTS, "search", arguments("collection_name", "data", "filter", "limit", of=_tenth)),
    (_CLIENTS, "hybrid_search", arguments("collection_name", "reqs", "ranker", "limit", of=_tenth)),
    (_CLIENTS, "query", arguments("collection_name")),
    (_CLIENTS, "get", arguments("collection_name")),
    (_COLLECTIONS, "search", arguments("data", "anns_field", "search_params", "limit", of=_name)),
    (_COLLECTIONS, "hybrid_search", arguments("reqs", "rerank", "limit", of=_name)),
    (_COLLECTIONS, "query", arguments(of=_name)),
)
_ADDRESS = re.compile(r"(?:async-)?(https?://)(?:[^/@]*@)?([^/:@]+(?::\d+)?)")


def _url(client: Any) -> str | None:
    """Give the server's address; before 2.6 it stands in the name of the connection, if the client chose the name."""
    config = getattr(client, "_config", None)
    told = _ADDRESS.match(getattr(client, "_using", "") if config is None else config.uri)
    return None if told is None else told[1] + told[2]


CLIENT = Client(
    name="pymilvus",
    package="pymilvus",
    tested=("2.5.18", "3.0.2"),
    tells="retrievals",
    proof="Milvus Lite",
    places=tuple(
        method(
            "pymilvus", f"pymilvus.{kind}.{name}", milvus,
            provider="milvus", url=_url, record=Retrieval, body=body,
        )
        for kinds, name, body in _METHODS
        for kind in kinds
    ),
)  # fmt: skip
