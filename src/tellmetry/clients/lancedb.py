"""LanceDB's client: every way to take a query's results as a whole goes through `to_arrow`.

What is read batch by batch (`to_batches`) is not told. Before 0.20 an asynchronous query does not know its table.
"""

from __future__ import annotations

import weakref
from typing import Any

from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.engine.call import Call, open_of
from tellmetry.guard import guarded
from tellmetry.record import LISTED, Retrieval
from tellmetry.wire import lance

_BUILDERS = ("LanceVectorQueryBuilder", "LanceFtsQueryBuilder", "LanceEmptyQueryBuilder", "LanceHybridQueryBuilder")
_legs: weakref.WeakKeyDictionary[Any, Retrieval] = weakref.WeakKeyDictionary()


def _made(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Remember the two queries that a hybrid one makes of itself: it runs them in threads that know nothing of it."""
    wrapped(*args, **kwargs)
    _note(instance)


@guarded("noting a part of a hybrid query")
def _note(query: Any) -> None:
    whole = open_of(Retrieval)
    if whole is not None and whole.client == "lancedb":
        _legs[query] = whole


def _body(query: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    known = {"table": getattr(getattr(query, "_table", None), "name", None)}
    inner = getattr(query, "_inner", None)
    if inner is None:
        return {**known, "limit": query._limit, "distance_type": getattr(query, "_distance_type", None)}
    asked = inner.to_query_request() if hasattr(inner, "to_query_request") else None
    return {name: getattr(asked, name, None) for name in ("limit", "distance_type")} | known


def _follow(call: Call, table: Any) -> Any:
    first = table.slice(0, LISTED)
    columns = {name: first.column(name).to_pylist() for name in lance.IDS + lance.SCORES if name in first.column_names}
    call.read({"rows": table.num_rows, **columns})
    call.end()
    return table


CLIENT = Client(
    name="lancedb",
    package="lancedb",
    tested=("0.19.0", "0.40.0"),
    tells="retrievals",
    proof="embedded",
    places=(
        *(
            method(
                "lancedb", f"lancedb.query:{kind}.to_arrow", lance,
                provider="lancedb", record=Retrieval, body=_body, follow=_follow, whole=_legs.get,
            )
            for kind in (*_BUILDERS, "AsyncQueryBase")
        ),
        *(Place("lancedb.query", f"{kind}.__init__", _made, "parts") for kind in _BUILDERS[:2]),
    ),
)  # fmt: skip
