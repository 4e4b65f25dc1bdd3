"""A past for Prometheus: what a recording rule would have recorded, so that comparisons with it have something."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.stack.build import binary


def of(record: str, workflow: str, owner: str) -> str:
    """Give the series under which one of the demo's workflows is recorded."""
    who = f'service_name="acme-worker",deployment_environment_name="none",tellmetry_workflow="{workflow}"'
    return f'{record}{{{who},tellmetry_owner="{owner}"}}'


def write(data: Path, series: dict[str, float], moments: Iterable[int]) -> None:
    """Fill `data`, before Prometheus starts, with constant series (name and labels → value) at these unix times."""
    at = list(moments)
    lines = [f"{name} {value} {moment}" for name, value in series.items() for moment in at]
    data.mkdir(parents=True, exist_ok=True)
    source = data.parent / "history.om"
    source.write_text("\n".join([*lines, "# EOF", ""]))
    command = [str(binary("promtool")), "tsdb", "create-blocks-from", "openmetrics", str(source), str(data)]
    subprocess.run(command, check=True, capture_output=True, text=True)
