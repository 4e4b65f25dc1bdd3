"""LanceDB's answers: a table of rows, of which the client gives the count and the first rows' ids and scores.

A full-text score and the relevance that a reranker gives are scores. A distance makes one where the query itself asks
for cosine or dot, which LanceDB tells as 1 - similarity; the square of the Euclidean distance makes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, number, text

OPERATION = names.OP_RETRIEVAL
IDS = ("id", "_rowid")
SCORES = ("_relevance_score", "_score", "_distance")
_SIMILAR = ("cosine", "dot")


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked, and how much is wanted."""
    retrieval.source = text(body.get("table"))
    retrieval.top_k = count(body.get("limit"))
    retrieval.metric = text(body.get("distance_type"))


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found: `rows` is the count, every other column has the first rows' values."""
    told = fields(reply)
    rows = count(told.get("rows"))
    if rows is None:
        return
    ids = next((told[name] for name in IDS if name in told), ())
    found(retrieval, list(items(ids)), _scores(retrieval, told))
    retrieval.count = rows


def _scores(retrieval: Retrieval, told: Mapping[str, Any]) -> list[float | None]:
    name = next((name for name in SCORES if name in told), "")
    values = list(map(number, items(told.get(name))))
    if name != "_distance":
        return values
    similar = retrieval.metric is not None and retrieval.metric.lower() in _SIMILAR
    return [None if distance is None else 1 - distance for distance in values] if similar else []


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
