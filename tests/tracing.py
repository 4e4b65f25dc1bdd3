"""An app that traces: a provider of its own, in place for one test, and the spans that it got."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util._once import Once

from tellmetry import names

APP = "app"


class AppSpans:
    """What the app's provider has exported."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def request(self, name: str = "request") -> Any:
        """Open a span of the app's."""
        return trace.get_tracer(APP).start_as_current_span(name)

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.name == name]

    def _of(self, *scopes: str) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.instrumentation_scope.name in scopes]  # type: ignore[union-attr]

    @property
    def requests(self) -> list[ReadableSpan]:
        return self._of(APP)

    @property
    def ours(self) -> list[ReadableSpan]:
        return self._of(names.SCOPE)

    @property
    def calls(self) -> list[ReadableSpan]:
        return [span for span in self.ours if span.kind is trace.SpanKind.CLIENT]

    @property
    def others(self) -> list[ReadableSpan]:
        mine = {APP, names.SCOPE}
        return [span for span in self._exporter.get_finished_spans() if span.instrumentation_scope.name not in mine]  # type: ignore[union-attr]

    def clear(self) -> None:
        self._exporter.clear()


@contextlib.contextmanager
def app_provider() -> Iterator[AppSpans]:
    """Set a global provider as an app does; take it away again, which only a test may do."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    before = trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE
    trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE = None, Once()
    trace.set_tracer_provider(provider)
    try:
        yield AppSpans(exporter)
    finally:
        trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE = before
