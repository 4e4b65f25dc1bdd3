"""What an alert is: written once here, emitted for Prometheus and for Grafana."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashboards.source.board import Board
from dashboards.source.grammar import Panel
from dashboards.source.query import WHO

from tellmetry import names

Severity = Literal["critical", "warning", "info"]

RUNBOOK = "https://github.com/tellmetry/tellmetry/blob/main/dashboards/runbook.md"
# Templates spell `.Labels` and `.Value`: Grafana expands `$labels` in rule files as if it were an environment variable.
OWNER_OF_SERIES = f"{{{{ .Labels.{names.label(names.OWNER)} }}}}"
PLATFORM = "platform"  # owns the Collector and Prometheus; workflows have owners of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert: when it fires, how bad that is, what to tell whom, and the panel that shows it.

    `limit` is the constant it compares with, which its panel draws; None where contracts or history set the limit.
    `because` names the alerts that explain this one: while one of them fires for the same place, this stays silent.
    """

    name: str
    expr: str
    for_: str
    keep_firing_for: str
    severity: Severity
    summary: str
    description: str
    board: Board
    panel: Panel
    limit: float | None = None
    owner: str = OWNER_OF_SERIES
    labels: tuple[str, ...] = WHO
    because: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """Give the heading's anchor in the runbook, as GitHub makes it."""
        return self.name.lower()

    @property
    def panel_path(self) -> str:
        """Give the panel's address below the root of any Grafana, opened for what the alert is about."""
        chosen = {"service": names.SERVICE_NAME, "environment": names.ENVIRONMENT, "workflow": names.WORKFLOW}
        picks = "".join(
            f"&var-{variable}={{{{ .Labels.{names.label(attribute)} }}}}"
            for variable, attribute in chosen.items()
            if attribute in self.labels
        )
        return f"/d/{self.board.uid}?viewPanel=panel-{self.panel.id}{picks}"

    @property
    def rule_labels(self) -> dict[str, str]:
        """Give the labels that routing needs beside those of the series."""
        return {"owner": self.owner, "severity": self.severity, **self.extra}

    @property
    def annotations(self) -> dict[str, str]:
        """Give what a person reads first."""
        return {
            "summary": self.summary,
            "description": self.description,
            "runbook_url": f"{RUNBOOK}#{self.anchor}",
            "dashboard": self.panel_path,
        }


def of_workflow(expr: str, limit: str) -> str:
    """Compare each workflow with its own limit, a series that has one value for each workflow."""
    return f"{expr} > on ({names.label(names.WORKFLOW)}) group_left () ({limit})"
