"""What the demo does not show because it is rare: failing tools and retrievals, a dear call, a run that takes long."""

from __future__ import annotations

import time

from opentelemetry.trace import SpanKind, StatusCode

from tellmetry import names
from tests.stack.sender import provider

_WHO = {names.WORKFLOW: "lead_triage", names.OWNER: "ops"}
_S = 10**9


def send(url: str) -> None:
    """Send one span of each to a Collector."""
    sending = provider(url, "acme-worker")
    tracer = sending.get_tracer(names.SCOPE)
    now = time.time_ns()

    def tell(name: str, seconds: float, attributes: dict[str, str | float | int]) -> None:
        span = tracer.start_span(name, kind=SpanKind.CLIENT, attributes={**_WHO, **attributes}, start_time=now)
        span.set_status(StatusCode.ERROR if names.ERROR_TYPE in attributes else StatusCode.UNSET)
        span.end(now + int(seconds * _S))

    failed = {names.ERROR_TYPE: "TimeoutError"}
    tell("execute_tool lookup", 0.1, {names.OPERATION: names.OP_TOOL, names.TOOL_NAME: "lookup", **failed})
    tell("retrieval crm", 0.1, {names.OPERATION: names.OP_RETRIEVAL, names.DATA_SOURCE: "crm", **failed})
    tell("invoke_workflow lead_triage", 40, {names.OPERATION: names.OP_WORKFLOW})
    dear: dict[str, str | float | int] = {
        names.OPERATION: "chat", names.PROVIDER: "anthropic", names.REQUEST_MODEL: "claude-opus-5-5",
        names.COST_USD: 0.31, names.COST_SOURCE: "list:test", names.INPUT_TOKENS: 60_000, names.OUTPUT_TOKENS: 400,
    }  # fmt: skip
    tell("chat claude-opus-5-5", 4, dear)
    sending.shutdown()
