"""Rows of what stands beside the calls: retrievals and guardrail checks."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from tellmetry import names
from tellmetry.emit.spans import Finished
from tellmetry.report.row import Seconds, length_s


class RetrievalRow:
    """Retrievals by one workflow from one data source."""

    by: ClassVar[tuple[str, ...]] = (names.WORKFLOW, names.DATA_SOURCE)

    def __init__(self, workflow: str | None, source: str | None) -> None:
        self.workflow, self.source = workflow, source
        self.retrievals = self.failed = self.empty = self.documents = 0
        self.duration = Seconds()

    def add(self, span: Finished) -> None:
        """Add one retrieval; one that never said what came back is not an empty one."""
        found = span.attributes.get(names.RETRIEVAL_COUNT)
        self.retrievals += 1
        self.failed += span.attributes.get(names.ERROR_TYPE) is not None
        self.empty += found == 0
        self.documents += found or 0
        self.duration.add(length_s(span))

    def as_json(self) -> dict[str, Any]:
        """Show the row."""
        return {
            "workflow": self.workflow,
            "source": self.source,
            "retrievals": self.retrievals,
            "empty": self.empty,
            "failed": self.failed,
            "documents": self.documents,
            "duration_s": self.duration.as_json(),
        }


class GuardrailRow:
    """Checks by one guardrail on one kind of content in one workflow."""

    by: ClassVar[tuple[str, ...]] = (names.WORKFLOW, names.GUARDRAIL_NAME, names.GUARDRAIL_TARGET)

    def __init__(self, workflow: str | None, guardrail: str | None, target: str | None) -> None:
        self.workflow, self.guardrail, self.target = workflow, guardrail, target
        self.checks = 0
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def add(self, span: Finished) -> None:
        """Add one check."""
        told = span.attributes.get
        self.checks += 1
        self.outcomes[told(names.GUARDRAIL_OUTCOME) or "unknown"] += 1
        reason = told(names.GUARDRAIL_REASON)
        if reason is not None:
            self.reasons[reason] += 1

    def as_json(self) -> dict[str, Any]:
        """Show the row."""
        return {
            "workflow": self.workflow,
            "guardrail": self.guardrail,
            "target": self.target,
            "checks": self.checks,
            "outcomes": dict(self.outcomes),
            "reasons": dict(self.reasons),
        }
