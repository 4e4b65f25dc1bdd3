"""Qdrant's answers: points, lists or groups of them, best first.

A point's score is a similarity or a distance, as the collection was made, and the answer does not say which: the order
does. Points that are looked up and not searched have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.found import falling, found
from tellmetry.wire.shape import count, fields, items, text

OPERATION = names.OP_RETRIEVAL


def request(retrieval: Retrieval, body: Mapping[str, Any]) -> None:
    """Read where is looked and how much is wanted; of a batch, what its first query wants."""
    retrieval.source = text(body.get("collection_name"))
    first = fields(next(iter(items(body.get("requests"))), body))
    retrieval.top_k = count(first.get("limit"))


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Read what was found; groups are ranked by their first points."""
    groups = fields(reply).get("groups")
    if groups is not None:
        hits = [list(map(fields, items(fields(group).get("hits")))) for group in groups]
        first = falling(points[0].get("score") for points in hits if points)
        found(retrieval, [one.get("id") for points in hits for one in points], first)
        return
    for points in _ranked(reply):
        found(retrieval, [one.get("id") for one in points], falling(one.get("score") for one in points))


def _ranked(node: Any) -> Iterator[list[Mapping[str, Any]]]:
    """Give each list of points that was ranked by itself: an answer's, those of a batch, the one of a page."""
    points = fields(node).get("points", node)
    if not isinstance(points, (list, tuple)):
        return
    listed = [fields(one) for one in points]
    if all("id" in one for one in listed):
        yield listed
    else:
        for one in points:
            yield from _ranked(one)


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
