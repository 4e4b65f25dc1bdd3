"""What was measured, as JSON: one raw file a part and peer, and the summary of them all that is committed."""

from __future__ import annotations

import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

WHERE = Path(__file__).with_name("results")
SUMMARY = WHERE / "summary.json"
Result = dict[str, Any]


def save(part: str, peer: str, figures: Result, versions: dict[str, str]) -> None:
    """Keep what one part found for one peer."""
    path = WHERE / "raw" / part / f"{peer}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"figures": figures, "versions": versions, "machine": machine(), "on": date.today().isoformat()}
    path.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")


def machine() -> Result:
    """Say what the figures depend on; a load above the number of cores means that times are not to be trusted."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def summarize() -> None:
    """Put every raw result into the summary; parts and peers that were not measured now stay as they were."""
    known = summary()
    for path in sorted((WHERE / "raw").glob("*/*.json")):
        known.setdefault(path.parent.name, {})[path.stem] = json.loads(path.read_text())
    SUMMARY.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def summary() -> dict[str, dict[str, Result]]:
    """Give the summary: part → peer → figures, versions, machine, day."""
    return json.loads(SUMMARY.read_text()) if SUMMARY.exists() else {}
