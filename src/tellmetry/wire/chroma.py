"""Chroma's answers: columns, for `query` and `search` one list a query.

Chroma tells distances. Where it documents one as 1 - similarity (cosine and inner product) the similarity is the score;
the square of the Euclidean distance, its default, makes none. What `search` calls a score is the value of the app's own
ranking, of which a lower one is better: none either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, number, text

OPERATION = names.OP_RETRIEVAL
_SIMILAR = ("cosine", "ip")


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked and how much is wanted; a search holds its limit itself."""
    retrieval.source = text(body.get("collection"))
    asked = body.get("searches")
    search = fields(next(iter(items(asked)), asked))
    wanted = body.get("n_results") or body.get("limit") or fields(search.get("_limit")).get("limit")
    retrieval.top_k = count(wanted)
    retrieval.metric = _metric(fields(body.get("configuration")), fields(body.get("metadata")))


def _metric(configuration: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """Give the kind of distance; before 1.0 the configuration is a default and the metadata says."""
    for index in ("hnsw", "spann"):
        if configuration.get(index):
            return text(fields(configuration[index]).get("space"))
    return text(metadata.get("hnsw:space"))


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found."""
    told = fields(reply)
    if "ids" not in told:
        return
    similar = retrieval.metric in _SIMILAR
    scores = (1 - distance for distance in map(number, _flat(told.get("distances"))) if distance is not None)
    found(retrieval, list(_flat(told.get("ids"))), scores if similar else ())


def _flat(column: Any) -> Iterator[Any]:
    for one in items(column):
        yield from one if isinstance(one, list) else (one,)


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
