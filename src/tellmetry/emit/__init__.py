"""How a finished record is told: a visible tuple of plain steps, then one of two ways out.

Where the app has a TracerProvider of its own, the record becomes a span of that provider and leaves by its processors.
Where it has none, the record waits in our queue and the worker turns it into a span, off the app's path. We never set
the global provider.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tellmetry.emit import losses, spans, totals, worker
from tellmetry.guard import guarded
from tellmetry.record import Record
from tellmetry.settings import Settings, active

Step = Callable[[Any], None]

# Every finished record passes these, in this order; a step looks at the records that concern it.
FINISH: list[Step] = [totals.price, totals.add_to_run]


def begin(record: Record) -> Any:
    """Start telling a record: give the OpenTelemetry context in which the provider's code should run, or None."""
    worker.expect()
    return spans.begin(record)


@guarded("finishing a record")
def finish(record: Record) -> None:
    """Tell a record that has ended."""
    if record.span is None:
        return
    if not isinstance(record.span, spans.Own):
        complete(record)
        spans.end_app_span(record)
        losses.tell_app()
        return
    if totals.ready():  # else the worker does it, so that the first call does not wait for the price table
        complete(record)
    worker.put(record)


@guarded("completing a record")
def complete(record: Record) -> None:
    """Take a finished record through the steps, once."""
    if not record.complete:
        record.complete = True
        for step in FINISH:
            step(record)


def start(settings: Settings) -> None:
    """Prepare the way out; opens no socket, file or thread."""
    spans.configure(settings)
    worker.configure(settings, complete)
    totals.configure(settings)


def flush(timeout_s: float = 5.0) -> bool:
    """Hand over everything that has finished; False if that took longer than `timeout_s` seconds."""
    return worker.flush(timeout_s)


_asked = active()
if _asked is not None:
    start(_asked)
