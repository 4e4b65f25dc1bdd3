"""Render every board and rule file: `python -m dashboards.source`."""

from __future__ import annotations

import sys
from pathlib import Path

from dashboards.source import emit
from dashboards.source.board import Board
from dashboards.source.cost import COST
from dashboards.source.failures import FAILURES
from dashboards.source.overview import OVERVIEW
from dashboards.source.pipeline import PIPELINE
from dashboards.source.quality import QUALITY
from dashboards.source.workflow import WORKFLOW

HOME = Path(__file__).resolve().parents[1]
BOARDS: tuple[Board, ...] = (OVERVIEW, WORKFLOW, COST, FAILURES, QUALITY, PIPELINE)


def rendered() -> dict[Path, str]:
    """Give every rendered file and its exact content."""
    boards = {HOME / f"{board.uid.removeprefix('tellmetry-')}.json": board.text() for board in BOARDS}
    rules = HOME / "rules"
    return {
        **boards,
        rules / "llm.yaml": emit.prometheus_rules(),
        rules / "llm_days.yaml": emit.day_rules(),
        rules / "grafana" / "llm.yaml": emit.grafana_rules(),
        rules / "alertmanager" / "inhibit_rules.yaml": emit.inhibit_rules(),
    }


def main() -> int:
    """Write the files that changed, a line for each."""
    for path, content in rendered().items():
        if path.exists() and path.read_text() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        sys.stdout.write(f"{path.relative_to(HOME.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
