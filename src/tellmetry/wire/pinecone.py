"""Pinecone's answers: matches of a query by vector, or hits of a search by text; the best one stands first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, items, member, text

OPERATION = names.OP_RETRIEVAL
_HOSTED = ".pinecone.io"


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked, and how much is wanted."""
    retrieval.source = index(text(body.get("host")) or "")
    retrieval.top_k = count(body.get("top_k")) or count(member(body.get("query"), "top_k"))


def index(host: str) -> str | None:
    """Name an index by its host, which is the name and the project's id; elsewhere by the whole host."""
    name, _, _ = host.partition(".")
    return (name.rpartition("-")[0] or name if host.endswith(_HOSTED) else host) or None


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found. Scores that rise from the best one on are distances, and none."""
    results = items(member(reply, "matches") or member(member(reply, "result"), "hits"))
    hits = [(member(hit, "id") or member(hit, "_id"), _score(hit)) for hit in results]
    scores = [score for _, score in hits if score is not None]
    found(retrieval, [name for name, _ in hits], scores if sorted(scores, reverse=True) == scores else ())


def _score(hit: Any) -> Any:
    return next((score for name in ("score", "_score") if (score := member(hit, name)) is not None), None)


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
