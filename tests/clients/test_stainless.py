"""The choke point of Stainless SDKs: who answers, what a rejected answer cost, and what is not ours to tell."""

from __future__ import annotations

import gc
import gzip
import json
import sys
from collections.abc import Callable
from typing import Any

import anthropic
import openai
import pytest
from driving import App
from pydantic import BaseModel, ValidationError
from recording import Recording
from tracing import app_provider

Arm = Callable[[], Recording]


class Route(BaseModel):
    """What the app wants parsed."""

    team: str


def over_http(sdk: Any, answer: Callable[[Any], Any]) -> Any:
    """Give an HTTP client of the kind that an SDK uses, answered in the process."""
    kinds = sdk._base_client.SyncHttpxClientWrapper.__mro__
    http = sys.modules[next(kind.__module__.partition(".")[0] for kind in kinds if kind.__module__.startswith("httpx"))]
    return http.Client(transport=http.MockTransport(lambda request: http.Response(**answer(request))))


CHAT = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
}  # fmt: skip
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "stop_sequence": None,
    "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "output_tokens": 3},
}  # fmt: skip


def say(client: Any, **more: Any) -> Any:
    messages = [{"role": "user", "content": "Hi"}]
    if hasattr(client, "chat"):
        return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **more)
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages, **more)


FLAVOURS = {
    "azure.ai.openai": lambda http: openai.AzureOpenAI(
        azure_endpoint="https://x.example.com", api_key="k", api_version="2024-02-01", http_client=http
    ),
    "openai": lambda http: openai.OpenAI(base_url="http://localhost:8000/v1", api_key="k", http_client=http),
    "groq": lambda http: openai.OpenAI(base_url="https://api.groq.com/openai/v1", api_key="k", http_client=http),
    "openrouter": lambda http: openai.OpenAI(base_url="https://openrouter.ai/api/v1", api_key="k", http_client=http),
    "gcp.vertex_ai": lambda http: anthropic.AnthropicVertex(
        region="us-east5", project_id="p", access_token="t", http_client=http
    ),
    "anthropic": lambda http: anthropic.Anthropic(base_url="http://localhost:9/", api_key="k", http_client=http),
}


@pytest.mark.parametrize("provider", FLAVOURS)
def test_names_who_answers(provider: str, arm: Arm) -> None:
    is_openai = provider not in ("gcp.vertex_ai", "anthropic")
    body = CHAT if is_openai else MESSAGE
    client = FLAVOURS[provider](over_http(openai if is_openai else anthropic, lambda _: {"status_code": 200, "json": body}))
    recorded = arm()
    say(client)
    call = recorded.call
    assert (call.provider, call.input_tokens, call.output_tokens) == (provider, 10, 3)
    assert call.model == ("gpt-4o-mini" if is_openai else "claude-sonnet-4-5")
    assert call.server_address == client.base_url.host
    assert call.attempts == 1


@pytest.mark.parametrize("ask", ["[[length]]", "[[say='no JSON']]"])
def test_an_answer_that_the_sdk_rejects_is_paid(ask: str, app: App, arm: Arm) -> None:
    app.provider.reset()
    client = openai.OpenAI(base_url=app.provider.openai_url, api_key="k")
    recorded = arm()
    with pytest.raises((openai.LengthFinishReasonError, ValidationError)) as raised:
        client.chat.completions.parse(
            model="gpt-4o-mini", messages=[{"role": "user", "content": ask}], response_format=Route
        )
    call, billed = recorded.call, app.provider.bill.total()
    assert call.error_type == raised.type.__qualname__
    assert (call.input_tokens, call.output_tokens) == (billed.complete.usage.input, billed.complete.usage.output)
    assert call.cost_usd == pytest.approx(float(billed.usd))


def test_a_rejected_message_is_paid(app: App, arm: Arm) -> None:
    app.provider.reset()
    client = anthropic.Anthropic(base_url=app.provider.url, api_key="k")
    recorded = arm()
    with pytest.raises(ValidationError):
        client.messages.parse(
            model="claude-sonnet-4-5", max_tokens=99, output_format=Route,
            messages=[{"role": "user", "content": "[[say='no JSON']]"}],
        )  # fmt: skip
    assert recorded.call.cost_usd == pytest.approx(float(app.provider.bill.total().usd))


def events() -> bytes:
    chunk = {**CHAT, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    chunk["usage"] = None
    last = {**chunk, "choices": [], "usage": CHAT["usage"]}
    return b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in (chunk, last)) + b"data: [DONE]\n\n"


@pytest.mark.parametrize("arrived", [False, True])
def test_reads_a_compressed_body_as_the_app_does(arrived: bool, arm: Arm) -> None:
    headers = {"content-encoding": "gzip", "content-type": "text/event-stream"}
    body = gzip.compress(events())
    answer = {"status_code": 200, "headers": headers, "content": body if arrived else iter([body])}
    client = openai.OpenAI(api_key="k", http_client=over_http(openai, lambda _: answer))
    recorded = arm()
    with client.chat.completions.with_streaming_response.create(
        model="gpt-4o-mini", messages=[], stream=True
    ) as response:
        assert b"".join(response.iter_bytes()) == events()
    call = recorded.call
    assert (call.ending, call.input_tokens, call.output_tokens, call.chunks) == ("completed", 10, 3, 2)


def test_a_stream_stays_quick_to_read(arm: Arm) -> None:
    """Once asked for its dictionary, an object is slower to read for good, and the SDK reads its stream at every chunk."""
    arm()
    told = {"status_code": 200, "headers": {"content-type": "text/event-stream"}, "content": events()}
    client = openai.OpenAI(api_key="k", http_client=over_http(openai, lambda request: told))
    stream = client.chat.completions.create(model="gpt-4o-mini", messages=[], stream=True)
    assert not any(isinstance(part, dict) for part in gc.get_referents(stream))
    assert list(stream)


def test_headers_that_are_no_numbers_are_no_obstacle(arm: Arm) -> None:
    headers = {"x-ratelimit-remaining-requests": "many", "x-ratelimit-remaining-tokens": "7", "x-request-id": "req_1"}
    answer = {"status_code": 200, "headers": headers, "json": CHAT}
    client = openai.OpenAI(api_key="k", http_client=over_http(openai, lambda _: answer))
    recorded = arm()
    say(client)
    call = recorded.call
    assert (call.remaining_requests, call.remaining_tokens, call.request_id) == (None, 7, "req_1")


def test_leaves_alone_what_it_does_not_tell(app: App, arm: Arm) -> None:
    """Counting tokens costs nothing: no record, and a span of the SDK's own stays."""
    client = anthropic.Anthropic(base_url=app.provider.url, api_key="k")
    count: Any = lambda: client.messages.count_tokens(  # noqa: E731
        model="claude-sonnet-4-5", messages=[{"role": "user", "content": "Hi"}]
    )
    with app_provider() as spans:
        count()
        native = [span.name for span in spans.others]
        spans.clear()
        recorded = arm()
        count()
        assert [span.name for span in spans.others] == native
    assert recorded.calls == []


def test_a_call_inside_the_same_call_is_told_once(app: App, arm: Arm) -> None:
    """A layer over the SDK that has the same logical call open is the one that tells."""
    from tellmetry import scope
    from tellmetry.record import ModelCall

    client = openai.OpenAI(base_url=app.provider.openai_url, api_key="k")
    recorded = arm()
    outer = ModelCall()
    outer.operation = "chat"
    token = scope.OPEN.set(outer)
    try:
        say(client)
    finally:
        scope.OPEN.reset(token)
    assert recorded.calls == []
    say(client)
    assert len(recorded.calls) == 1
