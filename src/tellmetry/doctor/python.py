"""Whether `TELLMETRY` alone arms this Python: the `.pth` line is where Python reads it, and it works."""

from __future__ import annotations

import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tellmetry import version
from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line

PTH = f"{version.__package__}.pth"  # named after the package, beside which it lies
_CODE = "import sys; print('tellmetry.boot' in sys.modules)"


def look(asked: Asked) -> Iterator[Line]:
    """Start this Python with the variable set and see whether it is armed."""
    yield Line(f"tellmetry {version.VERSION} in Python {sys.version.split()[0]} at {sys.executable}.")
    found = [place for place in _site_directories() if (place / PTH).is_file()]
    # Isolated, as the strictest way to start: neither PYTHONPATH nor a sitecustomize of `tellmetry run` helps there.
    command = [sys.executable, "-I", "-c", _CODE]
    started = subprocess.run(  # noqa: S603 - this very Python
        command, env={**asked.environ, "TELLMETRY": "local"}, capture_output=True, text=True, timeout=60, check=False
    )
    if started.stdout.strip().endswith("True"):
        yield Line(f"{PTH} in {found[0] if found else 'a site directory'} arms every program that sets TELLMETRY.")
        return
    where = f"{found[0] / PTH} is there but does not work" if found else f"{PTH} is in none of its site directories"
    yield Line(
        f"TELLMETRY alone does not arm this Python, {where}: install tellmetry here with pip, or start programs with "
        "`tellmetry run CMD`.",
        faults.PTH,
    )


def _site_directories() -> list[Path]:
    known = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    return [Path(place) for place in known]
