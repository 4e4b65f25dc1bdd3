"""SQLAlchemy, over whichever driver: its executions that are a search with pgvector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import method
from tellmetry.engine.call import Call
from tellmetry.record import Retrieval
from tellmetry.wire import pgvector

_DIALECTS = ("postgresql", "cockroachdb")  # elsewhere these operators mean something else, `<=>` in MySQL


def _body(dialect: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    cursor, statement = args[:2]
    return {"statement": statement if dialect.name in _DIALECTS else None, "cursor": cursor}


def _follow(call: Call, result: Any) -> None:
    call.read(call.body["cursor"])
    call.end()


CLIENT = Client(
    name="sqlalchemy",
    package="sqlalchemy",
    tested=("2.0.58", "2.1.9"),
    tells="retrievals by pgvector's operators",
    proof="a real PostgreSQL with pgvector",
    places=(
        method(
            "sqlalchemy", "sqlalchemy.engine.default:DefaultDialect.do_execute", pgvector, provider="pgvector",
            record=Retrieval, body=_body, when=pgvector.is_search, follow=_follow,
        ),
    ),
)  # fmt: skip
