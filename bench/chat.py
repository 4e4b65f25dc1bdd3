"""The work that is measured: N chat calls of the real openai client over a transport inside the process.

    python -m bench.chat {plain,ours,app} N        plain: no tellmetry · ours: our own way out · app: the app's provider
"""

from __future__ import annotations

import gc
import json
import sys
from typing import Any

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 412,
        "completion_tokens": 99,
        "total_tokens": 511,
        "prompt_tokens_details": {"cached_tokens": 256},
        "completion_tokens_details": {"reasoning_tokens": 0},
    },
}
HEADERS = {"content-type": "application/json", "x-request-id": "req_1", "x-ratelimit-remaining-requests": "9999"}
TOOL = {"type": "function", "function": {"name": "lookup", "parameters": {"type": "object", "properties": {}}}}
CALL: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "temperature": 0.5,
    "tools": [TOOL],
    "messages": [
        {"role": "system", "content": "You are helpful."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "go"},
    ],
}
WARM_UP = 20


def client() -> Any:
    """Make an openai client whose requests never leave the process."""
    import httpx2
    import openai

    body = json.dumps(ANSWER).encode()
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, headers=HEADERS, content=body))
    return openai.OpenAI(api_key="k", http_client=httpx2.Client(transport=transport))


def own_way_out() -> None:
    """Take finished records as far as protobuf, and send them nowhere."""
    from tellmetry.emit import otlp_proto
    from tellmetry.emit.outlet import Outlet

    def encode(self: Outlet, told: Any) -> bool:
        return bool(otlp_proto.encode(told, self.spool.resource))

    Outlet.send = encode  # type: ignore[method-assign]


def app_provider() -> None:
    """Set a provider as an app does: a batch processor, and an exporter that sends nowhere."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Nowhere(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    trace.set_tracer_provider(provider)


def main(mode: str, calls: int) -> None:
    """Make the calls, inside a workflow and a prompt where tellmetry is on."""
    openai = client()
    if mode == "app":
        app_provider()
    if mode != "plain":
        import tellmetry

        own_way_out()
        tellmetry.workflow("bench", owner="bench").__enter__()
        tellmetry.prompt("bench", "1").__enter__()
    for _ in range(WARM_UP):
        openai.chat.completions.create(**CALL)
    gc.collect()
    gc.freeze()
    for _ in range(calls):
        openai.chat.completions.create(**CALL)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
