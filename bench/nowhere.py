"""Where measured spans go: nowhere, behind the processors that an app would use."""

from __future__ import annotations

from typing import Any


class Nowhere:
    """An exporter of spans and metrics that says yes."""

    _preferred_temporality: Any = None
    _preferred_aggregation: Any = None

    def export(self, *told: Any, **how: Any) -> Any:
        from opentelemetry.sdk.trace.export import SpanExportResult

        return SpanExportResult.SUCCESS

    def shutdown(self, *given: Any, **how: Any) -> None: ...

    def force_flush(self, *given: Any, **how: Any) -> bool:
        return True


def processor() -> Any:
    """Give the processor that OpenTelemetry recommends."""
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(Nowhere())


def providers() -> tuple[Any, Any]:
    """Set tracer and meter provider as an app does."""
    from opentelemetry import metrics, trace
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider

    tracers, meters = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    tracers.add_span_processor(processor())
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(meters)
    return tracers, meters


def own_way_out() -> None:
    """Take our finished records as far as protobuf, and send them nowhere."""
    from tellmetry.emit import otlp_proto
    from tellmetry.emit.outlet import Outlet

    def encode(self: Outlet, told: Any) -> bool:
        return bool(otlp_proto.encode(told, self.spool.resource))

    Outlet.send = encode  # type: ignore[method-assign]


def datadog() -> None:
    """Switch ddtrace on and drop what it would send to its agent."""
    from ddtrace.llmobs import LLMObs
    from ddtrace.trace import TraceFilter, tracer

    class Drop(TraceFilter):
        def process_trace(self, trace: Any) -> None:
            return None

    LLMObs.enable(ml_app="bench", agentless_enabled=False)
    tracer.configure(trace_processors=[Drop()])
    writer = LLMObs._instance._llmobs_span_writer
    writer.enqueue = lambda *told, **how: None
