"""The floor: what one would write by hand with OpenTelemetry, a span and two histograms a call and no cost."""

from __future__ import annotations

import time
from typing import Any

_tracer: Any = None
_duration: Any = None
_tokens: Any = None
_originals: dict[Any, Any] = {}


def arm() -> None:
    """Wrap the methods of openai that are measured."""
    _instruments()
    from openai.resources.chat.completions import AsyncCompletions, Completions
    from openai.resources.embeddings import AsyncEmbeddings, Embeddings

    for kind, operation in ((Completions, "chat"), (Embeddings, "embeddings")):
        _originals[kind] = kind.create
        kind.create = _sync(kind.create, operation)
    for kind, operation in ((AsyncCompletions, "chat"), (AsyncEmbeddings, "embeddings")):
        _originals[kind] = kind.create
        kind.create = _async(kind.create, operation)


def disarm() -> None:
    """Put every original back."""
    for kind, create in _originals.items():
        kind.create = create


def _instruments() -> None:
    global _tracer, _duration, _tokens
    from opentelemetry import metrics, trace

    _tracer = trace.get_tracer("bench")
    meter = metrics.get_meter("bench")
    _duration = meter.create_histogram("gen_ai.client.operation.duration", "s")
    _tokens = meter.create_histogram("gen_ai.client.token.usage", "{token}")


class _Told:
    """One span, ended with what the answer says and both histograms."""

    def __init__(self, operation: str, asked: dict[str, Any]) -> None:
        from opentelemetry import trace

        self.started = time.perf_counter()
        self.common = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": asked["model"],
        }
        self.span = _tracer.start_span(f"{operation} {asked['model']}", kind=trace.SpanKind.CLIENT, attributes=self.common)
        self.chunks = 0

    def end(self, answer: Any) -> None:
        usage = getattr(answer, "usage", None)
        self.span.set_attribute("gen_ai.response.model", answer.model)
        if hasattr(answer, "id"):
            self.span.set_attribute("gen_ai.response.id", answer.id)
        if usage is not None:
            self.span.set_attribute("gen_ai.usage.input_tokens", usage.prompt_tokens)
            _tokens.record(usage.prompt_tokens, {**self.common, "gen_ai.token.type": "input"})
            written = getattr(usage, "completion_tokens", None)
            if written is not None:
                self.span.set_attribute("gen_ai.usage.output_tokens", written)
                _tokens.record(written, {**self.common, "gen_ai.token.type": "output"})
        _duration.record(time.perf_counter() - self.started, self.common)
        self.span.end()


def _sync(create: Any, operation: str) -> Any:
    def traced(self: Any, **asked: Any) -> Any:
        told = _Told(operation, asked)
        answer = create(self, **asked)
        if asked.get("stream"):
            answer._iterator = _chunks(told, answer._iterator)
        else:
            told.end(answer)
        return answer

    return traced


def _async(create: Any, operation: str) -> Any:
    async def traced(self: Any, **asked: Any) -> Any:
        told = _Told(operation, asked)
        answer = await create(self, **asked)
        if asked.get("stream"):
            answer._iterator = _achunks(told, answer._iterator)
        else:
            told.end(answer)
        return answer

    return traced


def _chunks(told: _Told, inner: Any) -> Any:
    last = None
    for last in inner:
        told.chunks += 1
        yield last
    told.end(last)


async def _achunks(told: _Told, inner: Any) -> Any:
    last = None
    async for last in inner:
        told.chunks += 1
        yield last
    told.end(last)


def retrieve(ids: Any, scores: Any) -> None:
    """Tell one retrieval."""
    started = time.perf_counter()
    with _tracer.start_as_current_span("retrieval kb") as span:
        span.set_attribute("gen_ai.data_source.id", "kb")
        span.set_attribute("retrieval.count", len(ids))
        span.set_attribute("retrieval.top_score", max(scores))
        span.set_attribute("retrieval.sources", tuple(ids))
    _duration.record(time.perf_counter() - started, {"gen_ai.operation.name": "retrieval"})
    _tokens.record(len(ids), {"gen_ai.operation.name": "retrieval"})


def check() -> None:
    """Tell one guardrail check."""
    started = time.perf_counter()
    with _tracer.start_as_current_span("guardrail pii") as span:
        span.set_attribute("guardrail.name", "pii")
        span.set_attribute("guardrail.outcome", "flag")
    _duration.record(time.perf_counter() - started, {"gen_ai.operation.name": "guardrail"})
    _tokens.record(1, {"gen_ai.operation.name": "guardrail"})
