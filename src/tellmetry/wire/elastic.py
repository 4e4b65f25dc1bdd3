"""Elasticsearch's and OpenSearch's searches: hits, best first; `msearch` has several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, text

OPERATION = names.OP_RETRIEVAL


def wants_hits(body: Mapping[str, Any]) -> bool:
    """Tell whether a search is for documents; one of size 0 is for figures about them."""
    return _limit(body) != 0


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked, and how much is wanted."""
    listed = items(body.get("searches") or body.get("body"))
    where, search = (*map(fields, listed), {}, {})[:2]
    index = body.get("index") or where.get("index")
    retrieval.source = text(index) or ",".join(filter(None, map(text, items(index)))) or None
    retrieval.top_k = _limit(search or body)


def _limit(body: Mapping[str, Any]) -> int | None:
    asked = {**fields(body.get("body")), **body}
    sizes = asked.get("size"), fields(body.get("params")).get("size"), fields(asked.get("knn")).get("k")
    return next((size for size in map(count, sizes) if size is not None), None)


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found."""
    told = fields(getattr(reply, "body", reply))
    for one in map(fields, items(told.get("responses")) or (told,)):
        hits = fields(one.get("hits"))
        if "hits" in hits:
            found(retrieval, [fields(hit).get("_id") for hit in items(hits["hits"])], (hits.get("max_score"),))


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
