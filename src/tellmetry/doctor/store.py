"""The store on disk: can it be written, what is in it, what is damaged, what was lost."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tellmetry import report
from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line
from tellmetry.emit import spool
from tellmetry.report.figures import age, size

_LEAST_BYTES = 2 * spool.FILE_BYTES
_LATE_S = 600.0
_DAY_S = 86_400.0


def look(asked: Asked) -> Iterator[Line]:
    """Look at the directory, its disk and every line in it."""
    store = asked.settings.store
    yield from _directory(store)
    torn: Counter[Path] = Counter()
    recent = report.Report()
    spans, oldest_ns = 0, 0
    for told, _ in spool.read(store, lambda path: torn.update([path])):
        for span in told:
            spans += 1
            oldest_ns = min(oldest_ns or span.ended_ns, span.ended_ns)
            if time.time() - span.ended_ns / 1e9 < _DAY_S:
                recent.add(span)
    late_s = time.time() - oldest_ns / 1e9 if spans else 0.0
    yield _content(asked, spans, late_s)
    if asked.takes_spans and late_s > _LATE_S:
        says = f"{spans} spans wait for {age(late_s)} although the endpoint takes spans: `tellmetry ship` sends them."
        yield Line(says, faults.WAITING)
    if torn:
        says = f"{torn.total()} damaged lines in {len(torn)} files, {next(iter(torn))} first: a process died while"
        yield Line(f"{says} it wrote. All other lines are read; delete these, or the files.", faults.TORN)
    if recent.lost:
        stages = ", ".join(f"{count} at {stage}" for stage, count in recent.lost.most_common())
        yield Line(f"Lost in the last day: {stages}. The programs' stderr said why, once each.", faults.LOST)


def _content(asked: Asked, spans: int, late_s: float) -> Line:
    store = asked.settings.store
    held = sum(path.stat().st_size for path in spool.files(store))
    oldest = f", the oldest {age(late_s)} old" if spans else ""
    bounds = f"at most {size(asked.settings.store_bytes)} and {asked.settings.store_days:g} days are kept"
    return Line(f"{store}: {spans} spans in {size(held)}{oldest}; {bounds}.")


def _directory(store: Path) -> Iterator[Line]:
    there = next(place for place in (store, *store.absolute().parents) if place.exists())
    why = _unwritable(there)
    if why is not None:
        says = f"The store {store} cannot be written: {why}. Set TELLMETRY_STORE to a directory that can."
        yield Line(says, faults.UNWRITABLE)
        return
    free = shutil.disk_usage(there).free
    if free < _LEAST_BYTES:
        says = f"The disk of {store} has {size(free)} left: spans that cannot be sent will be lost. Make room, or set"
        yield Line(f"{says} TELLMETRY_STORE to another disk.", faults.FULL)
    else:
        yield Line(f"The disk of {store} has {size(free)} left.")


def _unwritable(there: Path) -> str | None:
    """Say why nothing can be written, by trying it: root may do more than permissions say, and less on some disks."""
    if not there.is_dir():
        return f"{there} is not a directory"
    trial = there / f".tellmetry-{os.getpid()}"
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
