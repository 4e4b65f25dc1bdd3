"""Spans of other instrumentations feed the metrics that ours feed, where they carry the data."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from opentelemetry.trace import Status, StatusCode

from tellmetry import names
from tests.stack import sender
from tests.stack.ask import eventually, of
from tests.stack.servers import collector
from tests.stack.stack import CONFIG, HURRY, Stack, stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with stack(rules=None) as servers:
        yield servers


OPENLLMETRY = {
    "gen_ai.system": "OpenAI", "llm.request.type": "chat", names.REQUEST_MODEL: "gpt-4o",
    "gen_ai.usage.prompt_tokens": 100, "gen_ai.usage.completion_tokens": 20, "gen_ai.usage.reasoning_tokens": 8,
    "gen_ai.usage.cache_read_input_tokens": 64, "gen_ai.usage.cache_creation.input_tokens": 3,
}  # fmt: skip
OPENINFERENCE = {
    "openinference.span.kind": "LLM", "llm.system": "openai", "llm.model_name": "gpt-4o", "llm.finish_reason": "stop",
    "llm.token_count.prompt": 100, "llm.token_count.completion": 20, "llm.token_count.prompt_details.cache_read": 64,
    "llm.token_count.prompt_details.cache_write": 3, "llm.token_count.completion_details.reasoning": 8,
}  # fmt: skip


@pytest.mark.parametrize("dialect", [OPENLLMETRY, OPENINFERENCE], ids=["openllmetry", "openinference"])
def test_spans_of_other_instrumentations_feed_the_same_metrics(running, dialect, request):
    service = request.node.callspec.id
    sending = sender.provider(running.collector.url, service)
    tracer = sending.get_tracer("somebody.else")
    for failed in (False, True):
        span = tracer.start_span("ChatCompletion", attributes=dialect)
        span.set_status(Status(StatusCode.ERROR if failed else StatusCode.OK))
        span.end()
    sending.shutdown()
    mine = ', gen_ai_operation_name="chat", gen_ai_provider_name="openai", gen_ai_request_model="gpt-4o"'
    assert eventually(lambda: of(running.prometheus.url, names.CALLS, mine, service), lambda calls: calls >= 2) == 2
    assert of(running.prometheus.url, names.CALLS, mine + ', error_type!="none"', service) == 1
    assert of(running.prometheus.url, names.IN_TOKENS, mine, service) == 200
    assert of(running.prometheus.url, names.OUT_TOKENS, mine, service) == 40
    assert of(running.prometheus.url, names.CACHED_TOKENS, mine, service) == 128
    assert of(running.prometheus.url, names.CACHE_WRITTEN_TOKENS, mine, service) == 6
    assert of(running.prometheus.url, names.THOUGHT_TOKENS, mine, service) == 16
    assert of(running.prometheus.url, names.UNPRICED_CALLS, mine, service) == 2


def test_other_instrumentations_can_be_left_out():
    """For an app whose calls are recorded by us and by somebody else: counted once, by our spans."""
    with collector(CONFIG, HURRY | {"COLLECTOR_DIALECTS": "off"}) as server:
        sending = sender.provider(server.url, "both")
        sending.get_tracer("somebody.else").start_span("ChatCompletion", attributes=OPENINFERENCE).end()
        sending.get_tracer(names.SCOPE).start_span("chat m", attributes={names.OPERATION: "chat"}).end()
        sending.shutdown()
        calls = eventually(lambda: counters(server.llm, names.CALLS.prometheus), bool)
        assert list(calls.values()) == [1.0]


def counters(page: str, name: str) -> dict[str, float]:
    """Read one metric off a page that Prometheus would scrape."""
    with urllib.request.urlopen(page) as answer:
        lines = [line.rpartition(" ") for line in answer.read().decode().splitlines() if line.startswith(f"{name}{{")]
    return {series: float(value) for series, _, value in lines}
