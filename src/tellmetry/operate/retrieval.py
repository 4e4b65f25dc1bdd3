"""Retrievals of the app's own: how many documents came back, how good the best one was, which ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tellmetry import scope
from tellmetry.engine.operation import Operation
from tellmetry.guard import guarded
from tellmetry.privacy import clean
from tellmetry.record import LISTED, Retrieval, ToolCall


class retrieval(Operation):  # noqa: N801 - used as a context manager and a decorator
    """Open a retrieval from the data source `source`; `top_k` is how many documents were asked for.

    As a decorator it counts what the function returns. `with` leaves counting to `results`, or to the vector stores
    that are asked inside: they are told as this one retrieval, and what is not said here is taken from them.
    """

    scope = scope.OPEN

    def __init__(self, source: str, *, top_k: int | None = None, provider: str | None = None) -> None:
        super().__init__(source, top_k=top_k, provider=provider)

    def _make(self, source: str, top_k: int | None, provider: str | None) -> Retrieval:
        record = Retrieval()
        record.source = clean(source)
        record.top_k = top_k
        record.provider = clean(provider)
        return record

    @guarded("noting what was retrieved")
    def results(
        self, found: Sequence[Any] | int, *, scores: Iterable[float] = (), ids: Iterable[object] = ()
    ) -> None:
        """Say what came back: the documents or their number, their scores (higher is better), their ids."""
        record = self._record
        if record is None:
            return
        record.count = found if isinstance(found, int) else len(found)
        record.top_score = max(scores, default=None)
        record.sources = tuple([str(clean(one)) for one in list(ids)[:LISTED]]) or None

    def _returned(self, result: Any) -> None:
        if self._record.count is None and hasattr(result, "__len__"):
            self.results(result)


class tool(Operation):  # noqa: N801 - used as a context manager and a decorator
    """Open one execution of the tool `name`; arguments and results are not looked at."""

    scope = scope.OPEN  # so that a call through MCP that is this very execution adds to it

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def _make(self, name: str) -> ToolCall:
        record = ToolCall()
        record.tool = clean(name)
        record.tool_type = "function"
        return record
