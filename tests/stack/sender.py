"""A process that sends spans as an app would, by OpenTelemetry's plain SDK: `python sender.py URL SERVICE NUMBER`."""

from __future__ import annotations

import sys

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue

from tellmetry import names

RUNS = 25
CALLS_A_RUN = 2
INPUT, OUTPUT, CACHED = 412, 97, 256
MODELS = {"gpt-5": 0.0125, "claude-sonnet-4-5": 0.0371}


def provider(url: str, service: str) -> TracerProvider:
    """Make what an app has: its own process identity, a batch of spans, one exporter."""
    made = TracerProvider(resource=Resource.create({names.SERVICE_NAME: service, names.ENVIRONMENT: "test"}))
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces")))
    return made


def run(tracer: Tracer, number: int) -> None:
    """Make one run of a workflow with its calls; every fifth run's second call fails."""
    who = {names.WORKFLOW: "lead_triage", names.OWNER: "ops@example.com"}
    spent = sum(MODELS.values())
    with tracer.start_as_current_span(
        "invoke_workflow lead_triage", attributes={names.OPERATION: names.OP_WORKFLOW, names.COST_USD: spent, **who}
    ):
        for model, usd in MODELS.items():
            fails = number % 5 == 0 and model != "gpt-5"
            failed: dict[str, AttributeValue] = {names.ERROR_TYPE: "rate_limit"} if fails else {}
            call: dict[str, AttributeValue] = {
                names.OPERATION: "chat", names.PROVIDER: "openai", names.REQUEST_MODEL: model,
                names.COST_USD: usd, names.COST_SOURCE: "list:2026-11-01", names.FINISH_REASONS: ["stop"],
                names.INPUT_TOKENS: INPUT, names.OUTPUT_TOKENS: OUTPUT, names.CACHE_READ_TOKENS: CACHED,
            }  # fmt: skip
            span = tracer.start_span(f"chat {model}", kind=SpanKind.CLIENT, attributes={**who, **call, **failed})
            span.set_status(StatusCode.ERROR if fails else StatusCode.UNSET)
            span.end()


def main() -> None:
    """Send this process's runs and leave."""
    url, service, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    sending = provider(url, service)
    tracer = sending.get_tracer(names.SCOPE)
    for index in range(RUNS):
        run(tracer, number * RUNS + index)
    sending.shutdown()


if __name__ == "__main__":
    main()
