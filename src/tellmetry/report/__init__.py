"""What the store says, as rows: spans in, numbers out, one pass, nothing kept but the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tellmetry import names
from tellmetry.emit.spans import Finished
from tellmetry.report.calls import CallRow
from tellmetry.report.checks import GuardrailRow, RetrievalRow
from tellmetry.report.row import Row
from tellmetry.report.runs import RunRow


class Report:
    """Rows by what they are about, the totals of all calls, and what was lost."""

    def __init__(self) -> None:
        self.spans = 0
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.total = CallRow()
        self.lost: Counter[str] = Counter()
        self._rows: dict[Any, dict[tuple[Any, ...], Row]] = {}

    def add(self, span: Finished) -> None:
        """Add one span to the rows that it concerns."""
        operation = span.attributes.get(names.OPERATION)
        if operation == names.OP_LOST:
            self.lost[str(span.attributes.get(names.LOST_STAGE))] += int(span.attributes.get(names.LOST_COUNT, 0))
            return
        self.spans += 1
        self.first_ns = min(self.first_ns or span.started_ns, span.started_ns)
        self.last_ns = max(self.last_ns or span.ended_ns, span.ended_ns)
        kind = _KINDS.get(operation)
        if kind is not None:
            self._row(kind, span).add(span)
        if operation in names.MODEL_OPERATIONS:
            self.total.add(span)

    def _row(self, kind: Any, span: Finished) -> Row:
        key = tuple(span.attributes.get(attribute) for attribute in kind.by)
        rows = self._rows.setdefault(kind, {})
        if key not in rows:
            rows[key] = kind(*key)
        return rows[key]

    def _of(self, kind: Any) -> list[Any]:
        rows = self._rows.get(kind, {})
        return [rows[key] for key in sorted(rows, key=lambda key: tuple((one is None, str(one)) for one in key))]

    @property
    def calls(self) -> list[CallRow]:
        """Model calls per workflow, provider, model, prompt and its version."""
        return self._of(CallRow)

    @property
    def runs(self) -> list[RunRow]:
        """Workflow runs per workflow and owner."""
        return self._of(RunRow)

    @property
    def retrievals(self) -> list[RetrievalRow]:
        """Retrievals per workflow and data source."""
        return self._of(RetrievalRow)

    @property
    def guardrails(self) -> list[GuardrailRow]:
        """Guardrail checks per workflow, guardrail and target."""
        return self._of(GuardrailRow)

    def as_json(self) -> dict[str, Any]:
        """Show everything, numbers as exact as they are known."""
        return {
            "spans": self.spans,
            "first_ns": self.first_ns,
            "last_ns": self.last_ns,
            "total": self.total.as_json(),
            "calls": [row.as_json() for row in self.calls],
            "runs": [row.as_json() for row in self.runs],
            "retrievals": [row.as_json() for row in self.retrievals],
            "guardrails": [row.as_json() for row in self.guardrails],
            "lost": dict(self.lost),
        }


_KINDS: dict[Any, Any] = {
    **dict.fromkeys(names.MODEL_OPERATIONS, CallRow),
    names.OP_WORKFLOW: RunRow,
    names.OP_RETRIEVAL: RetrievalRow,
    names.OP_GUARDRAIL: GuardrailRow,
}


def build(spans: Iterable[Finished]) -> Report:
    """Make the report of some spans."""
    report = Report()
    for span in spans:
        report.add(span)
    return report
