"""A canary in every place that a span has: none leaves the Collector."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from opentelemetry.trace import Status, StatusCode

from tellmetry import names
from tests.stack import sender
from tests.stack.ask import eventually, trace, traceql
from tests.stack.stack import Stack, stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with stack(rules=None) as servers:
        yield servers


SECRETS = {
    "openai": "sk-proj-Canary0123456789abcdef",
    "anthropic": "sk-ant-api03-Canary0123456789",
    "bearer": "Bearer Canary0123456789",
    "aws": "AKIACANARY0123456789",
    "google": "AIzaCanary0123456789Canary0123456789abc",
    "github": "ghp_Canary0123456789Canary0123456789",
    "hugging face": "hf_Canary0123456789Canary0123",
    "slack": "xoxb-Canary-0123456789",
    "token": "eyJCanary0123.eyJCanary0123.Canary0123",
    "key": "-----BEGIN PRIVATE KEY-----\nCanary0123\n-----END PRIVATE KEY-----",
    "mail": "canary.person+tag@mail.example.org",
}
CONTENT = (
    names.INPUT_MESSAGES, names.OUTPUT_MESSAGES, names.SYSTEM_INSTRUCTIONS, names.TOOL_DEFINITIONS,
    "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.prompt.0.content", "gen_ai.completion.0.content",
    "gen_ai.retrieval.documents",
)  # fmt: skip
OTHERS_CONTENT = (
    "traceloop.entity.input", "input.value", "llm.input_messages.0.message.content", "llm.prompts",
    "retrieval.documents.0.document.content", "embedding.embeddings.0.embedding.text", "tool.parameters",
)  # fmt: skip


def test_secrets_and_content_go_no_further(running):
    """A canary in every place a span has: attributes, lists, keys, events, the message, the name, the resource."""
    sending = sender.provider(running.collector.url, "leaky")
    for scope in (names.SCOPE, "somebody.else"):
        everything = f"we said {' and '.join(SECRETS.values())} to them"
        span = sending.get_tracer(scope).start_span(f"leak {SECRETS['openai']}")
        span.set_attributes({f"note.{name}": f"it was {secret}." for name, secret in SECRETS.items()})
        span.set_attributes({"note.list": list(SECRETS.values()), "note.all": everything})
        span.set_attributes(dict.fromkeys(CONTENT, "canary content"))
        span.set_attributes({names.REVIEW_STATE: "requested", names.OWNER: "team@example.com", names.INPUT_TOKENS: 7})
        if scope != names.SCOPE:
            span.set_attributes(dict.fromkeys(OTHERS_CONTENT, "canary content"))
            span.set_attributes({"http.request.header.x-api-key": "canary", "db.password": "canary"})
        span.add_event("exception", {"exception.message": everything, "gen_ai.input.messages": "canary content"})
        span.set_status(Status(StatusCode.ERROR, everything))
        span.end()
    sending.shutdown()
    find = '{ resource.service.name = "leaky" }'
    found = eventually(lambda: traceql(running.tempo.url, find), lambda traces: len(traces) == 2, within_s=20)
    assert len(found) == 2
    for one in found:
        told = json.dumps(trace(running.tempo.url, one["traceID"]))
        assert "canary" not in told.lower()
        assert "****" in told
        assert "team@example.com" in told
        assert names.INPUT_TOKENS in told
    assert "canary" not in running.collector.log.lower()
    assert "canary" not in running.prometheus.log.lower()


def test_content_passes_when_asked_for_and_masked():
    with stack(env={"COLLECTOR_CONTENT": "on"}, rules=None) as asked:
        sending = sender.provider(asked.collector.url, "asked")
        span = sending.get_tracer(names.SCOPE).start_span("chat m")
        span.set_attribute(names.INPUT_MESSAGES, f"my key is {SECRETS['openai']}, keep it")
        span.set_status(Status(StatusCode.ERROR))
        span.end()
        sending.shutdown()
        (found,) = eventually(lambda: traceql(asked.tempo.url, "{}"), bool, within_s=20)
        told = json.dumps(trace(asked.tempo.url, found["traceID"]))
        assert "my key is ****, keep it" in told
        assert "Canary" not in told
