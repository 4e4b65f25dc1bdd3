"""Weaviate's answers: objects, with what of their scores the app has asked for.

A certainty and the score of a keyword or hybrid search are better when higher. A distance is in a unit that the answer
does not tell, and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import found
from tellmetry.wire.shape import count, fields, items, text

OPERATION = names.OP_RETRIEVAL


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked, and how much is wanted."""
    retrieval.source = text(body.get("collection"))
    retrieval.top_k = count(body.get("limit"))


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found."""
    objects = [fields(one) for one in items(fields(reply).get("objects"))]
    found(retrieval, [one.get("uuid") for one in objects], (_score(fields(one.get("metadata"))) for one in objects))


def _score(metadata: Mapping[str, Any]) -> Any:
    certainty = metadata.get("certainty")
    return metadata.get("score") if certainty is None else certainty


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
