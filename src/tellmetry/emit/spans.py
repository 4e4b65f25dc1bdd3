"""Records as spans: identity and context when they begin, attributes once at the end."""

from __future__ import annotations

import os
import random
from typing import Any, NamedTuple

from opentelemetry import context as otel
from opentelemetry import trace

from tellmetry import names
from tellmetry.record import Record
from tellmetry.settings import Settings
from tellmetry.version import VERSION

_KINDS = {"internal": trace.SpanKind.INTERNAL, "client": trace.SpanKind.CLIENT, "server": trace.SpanKind.SERVER}
_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED)
_SPAN_KEY = trace.propagation._SPAN_KEY
_DEFAULT = ("", "parentbased_always_on")


class Own(NamedTuple):
    """The identity of a span that we tell ourselves. Ids are integers as OpenTelemetry's, 0 for no parent."""

    trace_id: int
    span_id: int
    parent_id: int
    parent_is_remote: bool


class Finished(NamedTuple):
    """A span as it leaves: times in nanoseconds since the epoch, attributes as OpenTelemetry's scalars and tuples."""

    name: str
    kind: str
    identity: Own
    started_ns: int
    ended_ns: int
    attributes: dict[str, Any]
    failed: bool


_sampler: Any = None
_app_tracers: dict[int, Any] = {}


def configure(settings: Settings) -> None:
    """Take the sampler that the standard variables ask for; the default costs nothing."""
    global _sampler
    _sampler = None
    _app_tracers.clear()
    if settings.armed and os.environ.get("OTEL_TRACES_SAMPLER", "") not in _DEFAULT:
        from opentelemetry.sdk.trace import TracerProvider

        _sampler = TracerProvider(shutdown_on_exit=False).sampler


def begin(record: Record) -> Any:
    """Give a record its span and the context in which it is the current one; None when it is not sampled."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, trace.ProxyTracerProvider):
        return _begin_app_span(record, provider)
    here = otel.get_current()
    parent = trace.get_current_span(here).get_span_context()
    own = _identity(parent)
    if not _sampled(record, parent, here, own):
        return None
    record.span = own
    mine = trace.SpanContext(own.trace_id, own.span_id, False, _SAMPLED, parent.trace_state)
    return otel.Context({**here, _SPAN_KEY: trace.NonRecordingSpan(mine)})


def _identity(parent: trace.SpanContext) -> Own:
    span_id = random.getrandbits(64) or 1
    if parent.is_valid:
        return Own(parent.trace_id, span_id, parent.span_id, parent.is_remote)
    return Own(random.getrandbits(128) or 1, span_id, 0, False)


def _sampled(record: Record, parent: trace.SpanContext, here: Any, own: Own) -> bool:
    if _sampler is None:
        return not parent.is_valid or bool(parent.trace_flags & trace.TraceFlags.SAMPLED)
    verdict = _sampler.should_sample(
        here, own.trace_id, record.name, _KINDS[record.kind], attributes(record), (), parent.trace_state
    )
    return bool(verdict.decision.is_sampled())


def _app_tracer(provider: Any) -> Any:
    tracer = _app_tracers.get(id(provider))
    if tracer is None:
        tracer = _app_tracers[id(provider)] = provider.get_tracer(names.SCOPE, VERSION)
    return tracer


def tell_app_span(name: str, attributes: dict[str, Any]) -> None:
    """Tell a moment through the app's own provider."""
    _app_tracer(trace.get_tracer_provider()).start_span(name, otel.Context(), attributes=attributes).end()


def _begin_app_span(record: Record, provider: Any) -> Any:
    record.span = _app_tracer(provider).start_span(
        record.name, kind=_KINDS[record.kind], attributes=attributes(record), start_time=record.started_ns
    )
    return trace.set_span_in_context(record.span)


def end_app_span(record: Record) -> None:
    """Tell a finished record through the app's own provider."""
    span = record.span
    if span.is_recording():
        span.set_attributes(attributes(record))
        span.update_name(record.name)
        if record.error_type is not None:
            span.set_status(trace.Status(trace.StatusCode.ERROR))
    span.end(record.ended_ns)


def attributes(record: Record) -> dict[str, Any]:
    """Give a record's set fields as span attributes."""
    known = record.attributes
    told = {known[name]: value for name, value in vars(record).items() if name in known and value is not None}
    told.setdefault(names.OPERATION, record.operation)
    return told


def finished(record: Record) -> Finished:
    """Give a finished record as the span that leaves."""
    return Finished(
        record.name,
        record.kind,
        record.span,
        record.started_ns,
        record.ended_ns,
        attributes(record),
        record.error_type is not None,
    )
