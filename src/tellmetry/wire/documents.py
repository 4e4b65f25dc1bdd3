"""What a framework's retriever gives: documents as objects, alone or each with its score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, number, text

OPERATION = names.OP_RETRIEVAL
_SCORES = ("score", "relevance_score", "_score")  # as a field of its own, or in the metadata as stores put it there
_IDS = ("id", "id_", "node_id")
_WRAPPED = ("node", "record")  # where the document stands in what also has its score


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read what is looked up where: `source` and `top_k`, as far as they are known."""
    retrieval.source = text(body.get("source"))
    retrieval.top_k = count(body.get("top_k"))


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Count what was found; the best score and the ids where the documents have them."""
    documents = list(items(reply))
    found(retrieval, list(map(_id, documents)), map(_score, documents))


chunk = reply


def _score(document: Any) -> float | None:
    places = (fields(document), fields(fields(document).get("metadata")))
    return next((score for place in places for name in _SCORES if (score := number(place.get(name))) is not None), None)


def _id(document: Any) -> str | None:
    return next(_ids((document, *map(fields(document).get, _WRAPPED))), None)


def _ids(places: Iterable[Any]) -> Iterator[str]:
    for place in places:
        yield from (known for name in _IDS if (known := text(fields(place).get(name))) is not None)
