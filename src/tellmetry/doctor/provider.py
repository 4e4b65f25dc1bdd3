"""Who owns the TracerProvider, as far as the environment tells, and whether a sampler leaves out what should count."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points

from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line

_GROUP = "opentelemetry_tracer_provider"
_WHOLE = ("", "always_on", "parentbased_always_on")


def look(asked: Asked) -> Iterator[Line]:
    """Say who sends the spans, and which of them."""
    named = asked.environ.get("OTEL_PYTHON_TRACER_PROVIDER", "")
    if not named:
        yield Line("Spans leave by our own provider, which nobody else sees; an app that sets one of its own keeps it.")
    elif any(point.name == named for point in entry_points(group=_GROUP)):
        says = "spans leave by it and its exporter, and we export nothing ourselves."
        yield Line(f"OTEL_PYTHON_TRACER_PROVIDER={named}: {says}", note=True)
    else:
        says = "is not installed: every use of OpenTelemetry fails. Install it, or unset the variable."
        yield Line(f"OTEL_PYTHON_TRACER_PROVIDER={named} {says}", faults.PROVIDER)
    yield from _sampler(asked)


def _sampler(asked: Asked) -> Iterator[Line]:
    sampler = asked.environ.get("OTEL_TRACES_SAMPLER", "").strip().lower()
    share = asked.environ.get("OTEL_TRACES_SAMPLER_ARG", "").strip()
    if sampler in _WHOLE or (sampler.endswith("traceidratio") and _is_whole(share)):
        yield Line("Every span is sent; the Collector samples after it has counted.")
        return
    says = "leaves out spans before they are counted: cost and calls come out too low. Unset it, the Collector samples."
    yield Line(f"OTEL_TRACES_SAMPLER={sampler} {says}", faults.SAMPLER)


def _is_whole(share: str) -> bool:
    try:
        return not share or float(share) >= 1
    except ValueError:
        return True  # OpenTelemetry warns and takes all
