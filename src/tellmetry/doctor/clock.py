"""Whether times can be right: a clock that is off puts spans where no board looks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tellmetry import version
from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line
from tellmetry.emit import spool
from tellmetry.report.figures import age

_MOST_S = 30.0
_DAY_S = 86_400.0


def look(asked: Asked) -> Iterator[Line]:
    """Compare this machine's clock with the endpoint's, the installation's and the youngest span's."""
    now = time.time()
    if now < Path(version.__file__).stat().st_mtime - _DAY_S:
        yield Line(f"It is {_date(now)} here, before tellmetry was installed: set this machine's clock.", faults.CLOCK)
    elif asked.skew_s is not None and abs(asked.skew_s) > _MOST_S:
        way = "ahead of" if asked.skew_s > 0 else "behind"
        says = f"The clock here is {age(abs(asked.skew_s))} {way} the endpoint's: one of them is wrong, and boards show"
        yield Line(f"{says} the wrong times or nothing. Run a time service on both.", faults.CLOCK)
    elif _youngest_s(asked.settings.store) > now + _MOST_S:
        says = "holds spans from the future: the clock was set back since. Set it right; those spans keep their times."
        yield Line(f"The store {asked.settings.store} {says}", faults.CLOCK)
    else:
        agrees = " and agrees with the endpoint's" if asked.skew_s is not None else ""
        yield Line(f"It is {_date(now)}, which is possible{agrees}.")


def _youngest_s(store: Path) -> float:
    spans = (span for told, _ in spool.read(store, lambda _: None) for span in told)
    return max((span.ended_ns / 1e9 for span in spans), default=0.0)


def _date(at_s: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at_s))
