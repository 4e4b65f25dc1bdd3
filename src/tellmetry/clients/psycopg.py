"""Psycopg's cursors, where what they execute is a search with pgvector; other statements are none of our business.

A connection's `execute` passes them too. Server-side cursors do not: how much they find nobody knows beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import method
from tellmetry.record import Retrieval
from tellmetry.wire import pgvector


def _body(cursor: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    query = args[0] if args else kwargs["query"]
    if isinstance(query, bytes):
        query = query.decode("utf-8", "replace")
    elif hasattr(query, "as_string"):
        query = query.as_string(cursor)
    return {"statement": query}


def _url(cursor: Any) -> str:
    server = cursor.connection.info
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"postgresql://{host}:{server.port}"


CLIENT = Client(
    name="psycopg",
    package="psycopg",
    tested=("3.1.20", "3.3.9"),
    tells="retrievals by pgvector's operators",
    proof="a real PostgreSQL with pgvector",
    places=tuple(
        method(
            "psycopg", where, pgvector, provider="pgvector", url=_url, record=Retrieval, body=_body,
            when=pgvector.is_search,
        )
        for where in ("psycopg.cursor:Cursor.execute", "psycopg.cursor_async:AsyncCursor.execute")
    ),
)  # fmt: skip
