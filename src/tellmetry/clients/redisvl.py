"""RedisVL's indices: one search, or a batch of them. `query` and `paginate` pass `search` too, and are told once."""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import redisvl

_FIRST = {"query": "query", "search": "search", "batch_query": "queries", "batch_search": "queries"}


def _of(index: Any) -> dict[str, Any]:
    return {"index": index.schema.index.name, "fields": index.schema.fields}


def _url(index: Any) -> str:
    pool = getattr(index.client, "connection_pool", None)  # a cluster has none, nor has what is not connected yet
    known = getattr(pool, "connection_kwargs", {})
    return f"redis://{known['host']}:{known.get('port', 6379)}" if "host" in known else ""


CLIENT = Client(
    name="redisvl",
    package="redisvl",
    tested=("0.3.9", "0.28.0"),
    tells="retrievals",
    proof="a real Redis with search",
    places=tuple(
        method(
            "redisvl", f"redisvl.index.index:{kind}.{name}", redisvl, provider="redis", url=_url,
            record=Retrieval, body=arguments(first, of=_of), when=redisvl.wants_documents,
        )
        for kind in ("SearchIndex", "AsyncSearchIndex")
        for name, first in _FIRST.items()
    ),
)  # fmt: skip
