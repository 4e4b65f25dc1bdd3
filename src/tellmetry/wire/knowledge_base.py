"""Bedrock's knowledge bases: Retrieve, and RetrieveAndGenerate, whose model's usage nobody tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, text

OPERATION = names.OP_RETRIEVAL


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
        results = list(map(fields, items(told["retrievalResults"])))
        found(retrieval, _sources(results), (one.get("score") for one in results))
    else:
        _cited(retrieval, items(told.get("citations")))


def chunk(retrieval: Retrieval, event: Any) -> None:
    """Read one event of a streamed answer: citations come one by one."""
    told = fields(event).get("citation")
    _cited(retrieval, () if told is None else (told.get("citation") or told,))


def _cited(retrieval: Retrieval, citations: Iterable[Any]) -> None:
    found(retrieval, _sources(one for told in citations for one in items(fields(told).get("retrievedReferences"))))


def _sources(results: Iterable[Any]) -> list[str | None]:
    return [_source(fields(fields(one).get("location"))) for one in results]


def _source(location: Mapping[str, Any]) -> str | None:
    """Give the address of a document, wherever it is kept."""
    for kind, place in location.items():
        if kind != "type":
            inside = fields(place)
            return text(inside.get("uri")) or text(inside.get("url")) or text(inside.get("id"))
    return None
