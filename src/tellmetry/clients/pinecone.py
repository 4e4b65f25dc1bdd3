"""Pinecone's client: an index is known by its host alone."""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import pinecone
from tellmetry.wire.hosts import host


def _url(index: Any) -> str:
    return str(index.host if hasattr(index, "host") else index.config.host)  # the latter until version 8


def _of(index: Any) -> dict[str, Any]:
    return {"host": host(_url(index)).address}


CLIENT = Client(
    name="pinecone",
    package="pinecone",
    tested=("7.3.0", "10.2.0"),
    tells="retrievals",
    places=tuple(
        method(
            "pinecone", f"{where}.{name}", pinecone, provider="pinecone", url=_url, record=Retrieval,
            body=arguments(of=_of),
        )
        for where in (
            "pinecone.index:Index", "pinecone.async_client.async_index:AsyncIndex",
            "pinecone.db_data.index:Index", "pinecone.db_data.index_asyncio:_IndexAsyncio",
        )
        for name in ("query", "search", "search_records")
    ),
)  # fmt: skip
