"""Spans put back together: each trace as a tree, the newest first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tellmetry import names
from tellmetry.emit.spans import Finished


@dataclass(slots=True)
class Node:
    """One span and those directly under it, in the order in which they began."""

    span: Finished
    children: list[Node] = field(default_factory=list)

    def __iter__(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child

    @property
    def failed(self) -> bool:
        """Whether anything in it failed."""
        return any(node.span.failed for node in self)

    @property
    def cost_usd(self) -> float | None:
        """Dollars of the model calls in it; None where none has a price."""
        known = [told[names.COST_USD] for told in self._calls() if names.COST_USD in told]
        return math.fsum(known) if known else None

    def _calls(self) -> Iterator[Mapping[str, Any]]:
        for node in self:
            if node.span.attributes.get(names.OPERATION) in names.MODEL_OPERATIONS:
                yield node.span.attributes


def trees(spans: Iterable[Finished]) -> list[Node]:
    """Give the roots, newest first; a span whose parent is not in the store is a root of its own."""
    shown = sorted(filter(_is_shown, spans), key=lambda span: span.started_ns)
    nodes = {span.identity.span_id: Node(span) for span in shown}
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.span.identity.parent_id)
        (roots if parent is None else parent.children).append(node)
    return roots[::-1]


def _is_shown(span: Finished) -> bool:
    return span.attributes.get(names.OPERATION) != names.OP_LOST
