"""Psycopg keeps the contract on a real PostgreSQL with the real pgvector."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from psycopg import sql  # noqa: E402
from judging import same  # noqa: E402
from stores import Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import postgres  # noqa: E402

from tellmetry.wire.hosts import host  # noqa: E402
from tellmetry.clients.psycopg import _url  # noqa: E402

_TWO = {"count": 2, "top_score": None, "sources": None, "top_k": 2}
_UNTOLD = {"count": 4, "top_k": None}


def open_store(waits: bool) -> Any:
    """Give a function that opens a connection: fifty threads or tasks cannot share one."""
    kind, url = psycopg.AsyncConnection if waits else psycopg.Connection, postgres.url()
    return lambda: kind.connect(url, autocommit=True)


def search(c: Any, query: Any, *args: Any, **more: Any) -> Any:
    """Execute and fetch all rows, the connection's cursor for once."""
    opened = c()
    return _rows(opened, query, *args, **more) if hasattr(opened, "__await__") else opened.execute(query, *args, **more).fetchall()


async def _rows(opening: Any, *args: Any, **more: Any) -> Any:
    async with await opening as connection:
        return await (await connection.execute(*args, **more)).fetchall()


def composed() -> Any:
    return sql.SQL("SELECT id FROM {} ORDER BY embedding <=> '[1,0]' LIMIT 2").format(sql.Identifier("kb"))


LOOKS = {
    "nearest": Look(
        lambda c, text: search(c, "SELECT id, document FROM kb ORDER BY embedding <-> '[1,0]' LIMIT 2"), _TWO
    ),
    "parameters": Look(
        lambda c, text: search(c, "SELECT id FROM kb WHERE document <> %s ORDER BY embedding <#> %s::vector", (text, "[1,0]")),
        _UNTOLD,
    ),
    "bytes": Look(lambda c, text: search(c, b"SELECT id FROM kb ORDER BY embedding <+> '[1,0]' LIMIT 2"), _TWO),
    "composed": Look(lambda c, text: search(c, composed()), _TWO),
    "subquery": Look(
        lambda c, text: search(
            c, "WITH near AS (SELECT id, embedding <=> '[1,0]' AS d FROM kb ORDER BY d LIMIT 2) SELECT id FROM near"
        ),
        _TWO,
    ),
    "joined": Look(
        lambda c, text: search(c, "SELECT a.id FROM kb a JOIN empty b ON true ORDER BY a.embedding <-> '[1,0]'"),
        {"count": 0, "source": None},
    ),
    "empty": Look(
        lambda c, text: search(c, "SELECT id FROM public.empty ORDER BY embedding <-> '[1,0]'"),
        {"count": 0, "source": "public.empty", "top_k": None},
    ),
    "refused": Look(
        lambda c, text: search(c, f"SELECT {text.split()[0]} FROM kb ORDER BY embedding <-> '[1,0]'"),
        {"count": None, "source": "kb"}, error="UndefinedColumn",
    ),
}  # fmt: skip


class TestPsycopg(Stores):
    store = Store(
        "psycopg", ("psycopg",), open_store, LOOKS, {"provider": "pgvector", "source": "kb", "server_port": None}
    )

    def test_cancelled(self, held: Any, arm: Any) -> None:
        """A task that is cancelled while the server is at work ends alike, and the search is told."""
        opened = held.give(self.store, waits=True)
        call = lambda: postgres.cancelled(lambda: search(opened, postgres.SLOW))  # noqa: E731
        bare = held.sight(call, True, self.store.deaf)
        recorded = arm()
        same(bare, held.sight(call, True, self.store.deaf))
        (told,) = recorded.retrievals
        assert told.error_type == "cancelled"


@pytest.mark.parametrize("waits", [False, True])
def test_other_statements_are_left_alone(waits: bool, held: Any, arm: Any) -> None:
    store = held.give(TestPsycopg.store, waits)
    recorded = arm()
    for statement in ("SELECT 1", "SELECT 'a <-> b'", "EXPLAIN SELECT id FROM kb ORDER BY embedding <-> '[1,0]'"):
        held.run(lambda: search(store, statement), waits)
    assert recorded == []


@pytest.mark.parametrize(
    ("server", "told"),
    [("db.example.org", ("db.example.org", 5432)), ("::1", ("::1", 5432)), ("/run/postgresql", (None, None))],
)
def test_where_the_server_is(server: str, told: tuple[str | None, int | None]) -> None:
    """A directory is that of a socket, and no address."""
    cursor = SimpleNamespace(connection=SimpleNamespace(info=SimpleNamespace(host=server, port=5432)))
    assert host(_url(cursor))[1:3] == told
