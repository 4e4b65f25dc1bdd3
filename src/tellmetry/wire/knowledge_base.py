"""Bedrock's knowledge bases: Retrieve, and RetrieveAndGenerate, whose model's usage nobody tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.shape import count, fields, items, number, text

OPERATION = names.OP_RETRIEVAL
_LISTED = 32


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read what is looked up, and where."""
    asked = fields(fields(body.get("retrieveAndGenerateConfiguration")).get("knowledgeBaseConfiguration")) or body
    retrieval.source = text(asked.get("knowledgeBaseId"))
    search = fields(fields(asked.get("retrievalConfiguration")).get("vectorSearchConfiguration"))
    retrieval.top_k = count(search.get("numberOfResults"))


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found: results of their own, or those that an answer cites."""
    told = fields(reply)
    if "retrievalResults" in told:
        _found(retrieval, items(told["retrievalResults"]))
    else:
        retrieval.count = 0
        _cited(retrieval, items(told.get("citations")))


def chunk(retrieval: Retrieval, event: Any) -> None:
    """Read one event of a streamed answer: citations come one by one."""
    if retrieval.count is None:
        retrieval.count = 0
    told = fields(event).get("citation")
    if told is not None:
        _cited(retrieval, (told.get("citation") or told,))


def _found(retrieval: Retrieval, results: Iterable[Any]) -> None:
    found = list(map(fields, results))
    scores = [score for one in found if (score := number(one.get("score"))) is not None]
    retrieval.count = len(found)
    if scores:
        retrieval.top_score = max(scores)
    _note(retrieval, found)


def _cited(retrieval: Retrieval, citations: Iterable[Any]) -> None:
    cited = [fields(one) for told in citations for one in items(fields(told).get("retrievedReferences"))]
    retrieval.count = (retrieval.count or 0) + len(cited)
    _note(retrieval, cited)


def _note(retrieval: Retrieval, found: list[Mapping[str, Any]]) -> None:
    new = filter(None, (_source(fields(one.get("location"))) for one in found))
    sources = tuple(dict.fromkeys((*(retrieval.sources or ()), *new)))[:_LISTED]
    if sources:
        retrieval.sources = sources


def _source(location: Mapping[str, Any]) -> str | None:
    """Give the address of a document, wherever it is kept."""
    for kind, place in location.items():
        if kind != "type":
            inside = fields(place)
            return text(inside.get("uri")) or text(inside.get("url")) or text(inside.get("id"))
    return None
