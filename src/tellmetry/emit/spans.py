"""Records as spans: identity and context when they begin, attributes once at the end."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.attributes import BoundedAttributes

from tellmetry import names
from tellmetry.emit.attributes import attributes
from tellmetry.emit.context import get_current
from tellmetry.record import ModelCall, Record
from tellmetry.settings import Settings
from tellmetry.version import VERSION

_KINDS = {"internal": trace.SpanKind.INTERNAL, "client": trace.SpanKind.CLIENT, "server": trace.SpanKind.SERVER}
_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED)
_SPAN_KEY = trace.propagation._SPAN_KEY
_new = tuple.__new__  # a named tuple's own takes twice the steps
_put = dict.__setitem__  # into a context that nobody has yet
_DEFAULT = ("", "parentbased_always_on")

# What the app's sampler and its processors see of a call when it begins; the rest is written once, at the end.
_AT_START = ("operation", "provider", "model", "server_address", "server_port", "workflow")


class Own(NamedTuple):
    """The identity of a span that we tell ourselves. Ids are integers as OpenTelemetry's, 0 for no parent."""

    trace_id: int
    span_id: int
    parent_id: int
    parent_is_remote: bool


class _Mine(trace.NonRecordingSpan):
    """A span that we tell ourselves, as OpenTelemetry sees it: its context is made when somebody asks."""

    def __init__(self, own: Own, state: Any) -> None:
        self.own = own
        self.state = state

    def get_span_context(self) -> trace.SpanContext:
        return trace.SpanContext(self.own.trace_id, self.own.span_id, False, _SAMPLED, self.state)

    def __repr__(self) -> str:
        return f"NonRecordingSpan({self.get_span_context()!r})"


class Finished(NamedTuple):
    """A span as it leaves: times in nanoseconds since the epoch, attributes as OpenTelemetry's scalars and tuples."""

    name: str
    kind: str
    identity: Own
    started_ns: int
    ended_ns: int
    attributes: Mapping[str, Any]
    failed: bool


_sampler: Any = None
_none_named = False  # whether the environment names no provider that OpenTelemetry would load
_app_tracers: dict[int, Any] = {}


def configure(settings: Settings) -> None:
    """Take the sampler that the standard variables ask for; the default costs nothing."""
    global _sampler, _none_named
    _sampler = None
    _none_named = "OTEL_PYTHON_TRACER_PROVIDER" not in os.environ
    _app_tracers.clear()
    if settings.armed and os.environ.get("OTEL_TRACES_SAMPLER", "") not in _DEFAULT:
        from opentelemetry.sdk.trace import TracerProvider

        _sampler = TracerProvider(shutdown_on_exit=False).sampler


def begin(record: Record) -> Any:
    """Give a record its span and the context in which it is the current one; None when it is not sampled."""
    provider = _app_provider()
    if provider is not None:
        return _begin_app_span(record, provider)
    here = get_current()
    around = here.get(_SPAN_KEY)
    if type(around) is _Mine and _sampler is None:  # most calls are inside something of ours
        own = _new(Own, (around.own.trace_id, _span_id(), around.own.span_id, False))
        state = around.state
    else:
        parent = trace.get_current_span(here).get_span_context()
        own, state = _identity(parent), parent.trace_state
        if not _sampled(record, parent, here, own):
            return None
    record.span = own
    inside = otel.Context(here)
    _put(inside, _SPAN_KEY, _Mine(own, state))
    return inside


def _span_id() -> int:
    return random.getrandbits(64) or 1


def _app_provider() -> Any:
    """Give the provider that the app has set. OpenTelemetry looks into the environment each time, and raises there."""
    if _none_named and getattr(trace, "_TRACER_PROVIDER", trace) is None:
        return None
    provider = trace.get_tracer_provider()
    return None if isinstance(provider, trace.ProxyTracerProvider) else provider


def _identity(parent: trace.SpanContext) -> Own:
    span_id = _span_id()
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
        record.name, kind=_KINDS[record.kind], attributes=_first(record), start_time=record.started_ns
    )
    return trace.set_span_in_context(record.span)


def _first(record: Record) -> Mapping[str, Any]:
    """Give the attributes with which a record's span begins."""
    if not isinstance(record, ModelCall):
        return attributes(record)
    known, told = record.attributes, vars(record)
    return {known[name]: told[name] for name in _AT_START if told.get(name) is not None}


def end_app_span(record: Record) -> None:
    """Tell a finished record through the app's own provider."""
    span = record.span
    if span.is_recording():
        _write(span, dict(attributes(record).items()))
        name = record.name
        if getattr(span, "name", None) != name:
            span.update_name(name)
        if record.error_type is not None:
            span.set_status(trace.Status(trace.StatusCode.ERROR))
    span.end(record.ended_ns)


def _write(span: Any, told: dict[str, Any]) -> None:
    """Set attributes at once where the SDK's own span has room for them: ours are clean, it would clean each again."""
    held = getattr(span, "_attributes", None)
    if type(held) is BoundedAttributes and held.max_value_len is None and _has_room(held, told):
        with held._lock:
            held._dict.update(told)
    else:
        span.set_attributes(told)


def _has_room(held: BoundedAttributes, told: dict[str, Any]) -> bool:
    return held.maxlen is None or len(held._dict) + len(told) <= held.maxlen


def finished(record: Record) -> Finished:
    """Give a finished record as the span that leaves."""
    failed, told = record.error_type is not None, attributes(record)
    return _new(Finished, (record.name, record.kind, record.span, record.started_ns, record.ended_ns, told, failed))
