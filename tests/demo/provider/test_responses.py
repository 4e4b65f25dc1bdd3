"""Responses as the real client sees them."""

import json
from decimal import Decimal

import pytest
from openai import AsyncOpenAI, AzureOpenAI
from pydantic import BaseModel

from tellmetry.demo.provider.answer import REFUSAL, TEXT

TOOLS = [
    {
        "type": "function",
        "name": "lookup",
        "strict": True,
        "parameters": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
    }
]


class Route(BaseModel):
    team: str


def test_plain(openai, provider):
    reply = openai.responses.create(model="gpt-5", instructions="Be brief.", input="Hello there")
    assert reply.output_text == TEXT
    assert (reply.status, reply.model) == ("completed", "gpt-5-2025-08-07")
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.total_tokens) == (5, 16, 21)
    # 5 x 1.25 + 16 x 10 millionths
    assert provider.bill.total(endpoint="responses").usd == Decimal("0.00016625")


def test_usage_as_scripted(openai, provider):
    usage = openai.responses.create(
        model="gpt-5", input="[[usage cached=400 input=1000 output=300 reasoning=200]]", service_tier="priority"
    ).usage
    assert usage.input_tokens_details.cached_tokens == 400
    assert usage.output_tokens_details.reasoning_tokens == 200
    assert provider.bill.total().usd == Decimal("0.0076")
    assert provider.bill.total().complete.usage.reasoning == 200


def test_a_stored_prompt_stands_for_the_model(openai, provider):
    reply = openai.responses.create(prompt={"id": "pmpt_1", "version": "7"}, input="Hi")
    assert (reply.prompt.id, reply.prompt.version) == ("pmpt_1", "7")
    assert provider.bill.lines()[0].model == "gpt-4o-mini"


def test_stream_has_every_event_in_order(openai, provider):
    events = list(openai.responses.create(model="gpt-5", input="[[chunks=2]]", stream=True))
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(10))
    assert events[-1].response.output_text == "w0 w1 "
    assert events[-1].response.usage.output_tokens == 2
    assert events[0].response.usage is None
    assert provider.bill.total().complete.calls == 1


def test_stream_helper_parses(openai):
    with openai.responses.stream(model="gpt-5", input="Route it", text_format=Route) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_response()
    assert "response.output_text.delta" in kinds
    assert final.output_parsed == Route(team="sample")


def test_parse(openai):
    reply = openai.responses.parse(model="gpt-5", input=[{"role": "user", "content": "Route it"}], text_format=Route)
    assert reply.output_parsed == Route(team="sample")


@pytest.mark.parametrize("streamed", [False, True])
def test_function_calls_and_the_turn_after(openai, streamed):
    asked = [{"role": "user", "content": [{"type": "input_text", "text": "[[tool=lookup reasoning=9]] Where?"}]}]
    if streamed:
        events = list(openai.responses.create(model="gpt-5", input=asked, tools=TOOLS, stream=True))
        assert [e.arguments for e in events if e.type == "response.function_call_arguments.done"] == ['{"sku": "sample"}']
        reply = events[-1].response
    else:
        reply = openai.responses.create(model="gpt-5", input=asked, tools=TOOLS)
    reasoning, call = reply.output
    assert (reasoning.type, call.type, call.name) == ("reasoning", "function_call", "lookup")
    assert json.loads(call.arguments) == {"sku": "sample"}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "found"}
    whole = openai.responses.create(model="gpt-5", input=[*asked, call, result], tools=TOOLS)
    assert whole.output_text == TEXT
    later = openai.responses.create(model="gpt-5", input=[result], previous_response_id=reply.id, tool_choice="required")
    assert later.output_text == TEXT
    assert later.previous_response_id == reply.id


def test_refusal(openai):
    reply = openai.responses.create(model="gpt-5", input="[[refuse]]")
    assert reply.output[0].content[0].refusal == REFUSAL
    deltas = [e.delta for e in openai.responses.create(model="gpt-5", input="[[refuse]]", stream=True)
              if e.type == "response.refusal.delta"]
    assert "".join(deltas) == REFUSAL


@pytest.mark.parametrize(("word", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_incomplete(openai, word, reason):
    reply = openai.responses.create(model="gpt-5", input=f"[[{word}]]")
    assert (reply.status, reply.incomplete_details.reason) == ("incomplete", reason)
    last = list(openai.responses.create(model="gpt-5", input=f"[[{word}]]", stream=True))[-1]
    assert (last.type, last.response.incomplete_details.reason) == ("response.incomplete", reason)


def test_failed(openai):
    reply = openai.responses.create(model="gpt-5", input="[[failed]]")
    assert (reply.status, reply.error.code) == ("failed", "server_error")
    last = list(openai.responses.create(model="gpt-5", input="[[failed]]", stream=True))[-1]
    assert (last.type, last.response.error.code) == ("response.failed", "server_error")


def test_azure(provider):
    client = AzureOpenAI(azure_endpoint=provider.url, api_key="azure-key", api_version="2025-04-01-preview")
    assert client.responses.create(model="gpt-5", input="Hi").output_text == TEXT
    assert provider.bill.total(key="azure-key").answered == 1


async def test_async(provider):
    async with AsyncOpenAI(base_url=provider.openai_url, api_key="sk-async") as client:
        async with client.responses.stream(model="gpt-5", input="[[chunks=3]]") as stream:
            deltas = [e.delta async for e in stream if e.type == "response.output_text.delta"]
            final = await stream.get_final_response()
        parsed = await client.responses.parse(model="gpt-5", input="x", text_format=Route)
    assert deltas == ["w0 ", "w1 ", "w2 "]
    assert final.output_text == "w0 w1 w2 "
    assert parsed.output_parsed.team == "sample"
