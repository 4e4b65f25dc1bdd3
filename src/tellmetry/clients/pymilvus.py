"""Milvus' client; Milvus Lite is a server of its own on loopback, which the client starts."""

from __future__ import annotations

import re
from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import milvus

_KINDS = ("milvus_client:MilvusClient", "async_milvus_client:AsyncMilvusClient")
_METHODS: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    ("search", ("collection_name", "data", "filter", "limit"), {"limit": 10}),
    ("hybrid_search", ("collection_name", "reqs", "ranker", "limit"), {"limit": 10}),
    ("query", ("collection_name",), {}),
    ("get", ("collection_name",), {}),
)
_ADDRESS = re.compile(r"(?:async-)?(https?://[^/:]+(?::\d+)?)")


def _of(defaults: dict[str, Any]) -> Any:
    return lambda _: defaults


def _url(client: Any) -> str | None:
    """Give the server's address; before 2.6 it stands in the name of the connection only."""
    config = getattr(client, "_config", None)
    told = _ADDRESS.match(client._using if config is None else config.uri)
    return None if told is None else told[1]


CLIENT = Client(
    name="pymilvus",
    package="pymilvus",
    tested=("2.5.18", "3.0.2"),
    places=tuple(
        method(
            "pymilvus", f"pymilvus.milvus_client.{kind}.{name}", milvus,
            provider="milvus", url=_url, record=Retrieval, body=arguments(*positional, of=_of(defaults)),
        )
        for kind in _KINDS
        for name, positional, defaults in _METHODS
    ),
)  # fmt: skip
