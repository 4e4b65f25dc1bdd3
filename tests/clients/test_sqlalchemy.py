"""SQLAlchemy keeps the contract on a real PostgreSQL with the real pgvector; over psycopg a search is told once."""

from __future__ import annotations

from typing import Any

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy")
pytest.importorskip("pgvector")

from pgvector.sqlalchemy import Vector  # noqa: E402
from sqlalchemy import MetaData, Table, create_engine, select, text  # noqa: E402
from sqlalchemy.ext.asyncio import create_async_engine  # noqa: E402
from sqlalchemy.pool import NullPool  # noqa: E402
from judging import same  # noqa: E402
from stores import Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import postgres  # noqa: E402

_ALL = {"count": 4, "top_score": None, "sources": None, "top_k": None}


def table(name: str) -> Any:
    columns = sqlalchemy.Column("id", sqlalchemy.String), sqlalchemy.Column("embedding", Vector(2))
    return Table(name, MetaData(), *columns, sqlalchemy.Column("document", sqlalchemy.String))


KB, EMPTY = table("kb"), table("empty")


def open_store(waits: bool) -> Any:
    url = postgres.url().replace("postgresql:", "postgresql+psycopg:")
    return create_async_engine(url, poolclass=NullPool) if waits else create_engine(url, poolclass=NullPool)


def search(engine: Any, statement: Any) -> Any:
    return _rows(engine, statement) if hasattr(engine, "sync_engine") else _plain(engine, statement)


def _plain(engine: Any, statement: Any) -> Any:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


async def _rows(engine: Any, statement: Any) -> Any:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(statement)]


def nearest(of: Any, distance: str = "cosine_distance") -> Any:
    return select(of.c.id).order_by(getattr(of.c.embedding, distance)([1.0, 0.0]))


LOOKS = {
    "cosine": Look(lambda c, asked: search(c, nearest(KB)), _ALL),
    "euclidean": Look(lambda c, asked: search(c, nearest(KB, "l2_distance").limit(2)), _ALL | {"count": 2}),
    "filtered": Look(
        lambda c, asked: search(c, nearest(KB, "max_inner_product").where(KB.c.document != asked).limit(3)), _ALL | {"count": 3}
    ),
    "text": Look(
        lambda c, asked: search(c, text("SELECT id FROM kb ORDER BY embedding <+> '[1,0]' LIMIT 2")),
        _ALL | {"count": 2, "top_k": 2},
    ),
    "empty": Look(lambda c, asked: search(c, nearest(EMPTY)), {"count": 0, "source": "empty"}),
    "refused": Look(
        lambda c, asked: search(c, text(f"SELECT {asked.split()[0]} FROM kb ORDER BY embedding <-> '[1,0]'")),
        {"count": None, "source": "kb"}, error="UndefinedColumn",
    ),
}  # fmt: skip


class TestSQLAlchemy(Stores):
    store = Store(
        "sqlalchemy", ("sqlalchemy", "psycopg"), open_store, LOOKS,
        {"provider": "pgvector", "source": "kb", "server_port": None}, deaf=("sqlalchemy",),
    )  # fmt: skip

    def test_cancelled(self, held: Any, arm: Any) -> None:
        """A task that is cancelled while the server is at work ends alike, and the search is told."""
        opened = held.give(self.store, waits=True)
        call = lambda: postgres.cancelled(lambda: search(opened, text(postgres.SLOW)))  # noqa: E731
        bare = held.sight(call, True, self.store.deaf)
        recorded = arm()
        same(bare, held.sight(call, True, self.store.deaf))
        (told,) = recorded.retrievals
        assert told.error_type == "cancelled"


def test_elsewhere_the_operators_mean_something_else(arm: Any) -> None:
    """MySQL's `<=>` compares nulls, and other databases know none of them."""
    engine = create_engine("sqlite://")
    recorded = arm()
    with pytest.raises(sqlalchemy.exc.OperationalError):
        _plain(engine, text("SELECT id FROM kb WHERE a <=> b"))
    assert recorded == []
