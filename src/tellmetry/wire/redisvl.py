"""RedisVL's searches: rows with their distances, which Redis gives as 1 - similarity but for Euclidean ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, text

OPERATION = names.OP_RETRIEVAL
_DISTANCE = "vector_distance"
_SIMILAR = ("cosine", "ip")
_NORMALIZED = "normalized"


def wants_documents(body: Mapping[str, Any]) -> bool:
    """Tell whether a query is for documents; some only count."""
    return fields(_query(body)).get("_num") != 0


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked, how much is wanted, and how distances are measured there."""
    asked = fields(_query(body))
    retrieval.source = text(body.get("index"))
    retrieval.top_k = count(asked.get("_num_results")) or count(asked.get("_num"))
    vectors = fields(fields(body.get("fields")).get(asked.get("_vector_field_name", "")))
    metric = (text(fields(vectors.get("attrs")).get("distance_metric")) or "").lower()
    retrieval.metric = _NORMALIZED if asked.get("_normalize_vector_distance") else metric


def _query(body: Mapping[str, Any]) -> Any:
    """Give the query, of several the first; beside its parameters it is one of a pair."""
    one = next((body[key] for key in ("query", "search", "queries") if key in body), None)
    one = next(iter(one), None) if isinstance(one, list) else one
    return one[0] if isinstance(one, tuple) and one else one


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found: rows, or documents of Redis' own, and of a batch several lists of them."""
    batch = [one for one in items(reply) if isinstance(one, list) or hasattr(one, "docs")]
    for one in batch or [reply]:
        rows = [fields(row) for row in items(getattr(one, "docs", one))]
        plain = not hasattr(one, "docs")
        found(retrieval, [row.get("id") for row in rows], _similarities(retrieval.metric, rows, plain=plain))


def _similarities(metric: str | None, rows: list[Mapping[str, Any]], *, plain: bool) -> Iterator[float]:
    """Read the distances, which are texts; RedisVL makes similarities of them in its own rows only."""
    distances = [float(one) for one in (row.get(_DISTANCE) for row in rows) if isinstance(one, str)]
    if metric == _NORMALIZED:
        yield from distances if plain else ()
    elif metric in _SIMILAR:
        yield from (1 - distance for distance in distances)


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
