"""What a look gives: lines that are fine, worth knowing or a fault; and what it is asked about."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from tellmetry.doctor.faults import Fault
from tellmetry.settings import Settings


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence about one thing; a `fault` says what to do, a `note` is nothing to repair."""

    says: str
    fault: Fault | None = None
    note: bool = False


@dataclass(slots=True)
class Asked:
    """What doctor looks at: an environment, and what one topic has found out for another."""

    settings: Settings
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    timeout_s: float = 5.0
    takes_spans: bool = False
    skew_s: float | None = None  # how far this clock is ahead of the endpoint's
