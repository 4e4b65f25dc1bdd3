"""Milvus' answers: of a search, columns of ids and distances for each query; of a look-up, rows.

What Milvus calls a distance is the similarity itself where the metric is one (cosine, inner product, BM25), and what a
hybrid search's ranker gives is its score. A search need not say its metric: then the order of the distances does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import falling, found
from tellmetry.wire.shape import count, fields, items, text

OPERATION = names.OP_RETRIEVAL
_RANKED = "RANKED"
_SIMILAR = ("COSINE", "IP", "BM25", _RANKED)


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked and how much is wanted."""
    retrieval.source = text(body.get("collection_name"))
    retrieval.top_k = count(body.get("limit"))
    metric = text(fields(body.get("search_params") or body.get("param")).get("metric_type"))
    retrieval.metric = _RANKED if "reqs" in body else metric and metric.upper()


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found, past the lists' own iteration, which fetches every field of every row."""
    if not isinstance(reply, list):
        return
    found(retrieval, ())
    for one in list.__iter__(reply):
        about = fields(one)
        if "distances" in about:
            found(retrieval, list(items(about.get("ids"))), _scores(retrieval, about["distances"]))
        else:
            found(retrieval, (about.get("id"),))


def _scores(retrieval: Retrieval, distances: Any) -> Any:
    if retrieval.metric is None:
        return falling(items(distances))
    return items(distances) if retrieval.metric in _SIMILAR else ()


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
