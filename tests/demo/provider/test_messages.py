"""Anthropic's Messages as the real client sees them."""

import json
from decimal import Decimal

import anthropic as sdk
import pytest
from anthropic import AsyncAnthropic, beta_tool
from pydantic import BaseModel

from tellmetry.demo.provider import Usage
from tellmetry.demo.provider.answer import REFUSAL, TEXT, THOUGHT

pytestmark = pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")
SONNET = "claude-sonnet-4-5"
TOOLS = [
    {
        "name": "lookup",
        "input_schema": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
    }
]


class Route(BaseModel):
    team: str


def said(text, model=SONNET):
    return {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": text}]}


def test_plain(anthropic, provider):
    reply = anthropic.messages.create(**said("Hello there"), system="Be brief.")
    assert (reply.content[0].text, reply.stop_reason) == (TEXT, "end_turn")
    assert reply.model == "claude-sonnet-4-5-20250929"
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (5, 16)
    (line,) = provider.bill.lines()
    assert (line.key, line.endpoint, line.model) == ("sk-anthropic", "messages", SONNET)
    # 5 x 3 + 16 x 15 millionths
    assert line.usd == Decimal("0.000255")


def test_cache_stands_beside_the_input(anthropic, provider):
    usage = anthropic.messages.create(**said("[[input=10 cached=1000 write_5m=200 write_1h=100 output=50]]")).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (10, 1000, 300)
    assert usage.cache_creation.ephemeral_5m_input_tokens == 200
    assert usage.cache_creation.ephemeral_1h_input_tokens == 100
    assert usage.service_tier == "standard"
    tally = provider.bill.total().complete
    assert tally.usage == Usage(1310, 50, cached=1000, write_5m=200, write_1h=100)
    assert tally.usd == Decimal("0.00243")


def test_fast_mode_and_searches(anthropic, provider):
    reply = anthropic.messages.create(**said("[[input=100 output=10]]", "claude-opus-5-5"), extra_body={"speed": "fast"})
    assert reply.usage.speed == "fast"
    assert provider.bill.total().usd == Decimal("0.0012")
    reply = anthropic.messages.create(**said("[[input=100 output=10 web_searches=3]]", "claude-opus-4-1"))
    assert reply.usage.server_tool_use.web_search_requests == 3
    assert provider.bill.total(model="claude-opus-4-1").usd == Decimal("0.03225")


def test_stream(anthropic, provider):
    asked = said("[[chunks=2 input=10 cached=1000 write_5m=200 write_1h=100 output=50 reasoning=20]]")
    events = list(anthropic.messages.create(**asked, stream=True))
    assert [e.type for e in events] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    start, end = events[0].message.usage, events[-2].usage
    assert (start.input_tokens, start.output_tokens, start.cache_creation.ephemeral_1h_input_tokens) == (10, 1, 100)
    assert (end.input_tokens, end.cache_read_input_tokens, end.output_tokens) == (10, 1000, 50)
    assert end.output_tokens_details.thinking_tokens == 20
    assert events[-2].delta.stop_reason == "end_turn"
    assert provider.bill.total().complete.usd == Decimal("0.00243")


def test_pings_are_on_the_wire(anthropic):
    with anthropic.messages.with_streaming_response.create(**said("Hi"), stream=True) as raw:
        lines = list(raw.iter_lines())
        assert raw.headers["content-type"].startswith("text/event-stream")
    assert "event: ping" in lines
    assert lines.index("event: ping") > lines.index("event: content_block_start")


def test_stream_helper(anthropic):
    with anthropic.messages.stream(**said("[[thinking='Hm, well.' chunks=3]]")) as stream:
        assert "".join(stream.text_stream) == "w0 w1 w2 "
        final = stream.get_final_message()
    thought, text = final.content
    assert (thought.thinking, bool(thought.signature), text.text) == ("Hm, well.", True, "w0 w1 w2 ")
    # 9 characters of thought and 9 of text
    assert final.usage.output_tokens == 6


def test_thinking_where_the_request_asks_for_it(anthropic, provider):
    asked = said("Hi") | {"max_tokens": 2048}
    reply = anthropic.messages.create(**asked, thinking={"type": "enabled", "budget_tokens": 1024})
    assert [block.type for block in reply.content] == ["thinking", "text"]
    assert reply.content[0].thinking == THOUGHT
    assert reply.usage.output_tokens_details.thinking_tokens == 4
    assert provider.bill.total().complete.usage.reasoning == 4


@pytest.mark.parametrize("beta", [False, True])
def test_tool_use_and_the_turn_after(anthropic, beta):
    messages = anthropic.beta.messages if beta else anthropic.messages
    asked = said("""[[tool=lookup args='{"sku": "A-1"}']] Where is it?""")
    reply = messages.create(**asked, tools=TOOLS)
    (call,) = reply.content
    assert (reply.stop_reason, call.name, call.input) == ("tool_use", "lookup", {"sku": "A-1"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "found"}]}
    asked["messages"] += [{"role": "assistant", "content": reply.content}, {"role": "user", "content": [result]}]
    assert messages.create(**asked, tools=TOOLS).content[0].text == TEXT


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "lookup"}])
def test_a_tool_that_is_required_is_called_with_valid_arguments(anthropic, choice):
    with anthropic.messages.stream(**said("Hi"), tools=TOOLS, tool_choice=choice) as stream:
        pieces = [e.partial_json for e in stream if e.type == "input_json"]
        (call,) = stream.get_final_message().content
    assert call.input == json.loads("".join(pieces)) == {"sku": "sample"}


def test_tool_runner(anthropic, provider):
    asked = []

    @beta_tool
    def lookup(sku: str) -> str:
        """Look a stock number up.

        Args:
            sku: the stock number
        """
        asked.append(sku)
        return f"{sku} is in stock"

    runner = anthropic.beta.messages.tool_runner(**said("[[tool=lookup rounds=2]] Where is it?"), tools=[lookup])
    turns = list(runner)
    assert asked == ["sample", "sample"]
    assert [turn.stop_reason for turn in turns] == ["tool_use", "tool_use", "end_turn"]
    assert provider.bill.total().complete.calls == 3


@pytest.mark.parametrize("beta", [False, True])
def test_parse(anthropic, beta):
    messages = anthropic.beta.messages if beta else anthropic.messages
    reply = messages.parse(**said("Route it"), output_format=Route)
    assert reply.parsed_output == Route(team="sample")


def test_parse_in_a_stream(anthropic):
    with anthropic.messages.stream(**said("Route it"), output_format=Route) as stream:
        assert stream.get_final_message().parsed_output == Route(team="sample")


@pytest.mark.parametrize(("word", "reason"), [("length", "max_tokens"), ("refuse", "refusal"), ("content_filter", "refusal")])
def test_stop_reasons(anthropic, word, reason):
    reply = anthropic.messages.create(**said(f"[[{word}]]"))
    assert reply.stop_reason == reason
    assert reply.content[0].text == (REFUSAL if word == "refuse" else TEXT)
    with anthropic.messages.stream(**said(f"[[{word}]]")) as stream:
        assert stream.get_final_message().stop_reason == reason


def test_no_usage_is_told(anthropic, provider):
    assert anthropic.messages.create(**said("[[usage=none]]")).usage is None
    events = list(anthropic.messages.create(**said("[[usage=none]]"), stream=True))
    assert events[0].message.usage is None
    assert provider.bill.total().untold.calls == 2


def test_count_tokens_is_free(anthropic, provider):
    count = anthropic.messages.count_tokens(model=SONNET, messages=[{"role": "user", "content": "x" * 41}])
    assert count.input_tokens == 11
    (line,) = provider.bill.lines()
    assert (line.endpoint, line.complete.calls, line.complete.usage.input, line.usd) == ("count_tokens", 1, 0, 0)


def test_raw_reply_has_the_providers_headers(anthropic):
    raw = anthropic.messages.with_raw_response.create(**said("[[remaining_tokens=900]]"))
    assert raw.headers["request-id"].startswith("req_")
    assert raw.headers["anthropic-ratelimit-requests-remaining"] == "9999"
    assert raw.headers["anthropic-ratelimit-input-tokens-remaining"] == "900"
    assert raw.headers["anthropic-ratelimit-tokens-reset"].endswith("Z")
    assert raw.parse()._request_id == raw.headers["request-id"]


def test_a_body_without_max_tokens(anthropic, provider):
    with pytest.raises(sdk.BadRequestError, match="max_tokens: Field required"):
        anthropic.post("/v1/messages", body={"model": SONNET, "messages": []}, cast_to=object)
    assert provider.bill.total().failed == {"400": 1}


async def test_async(provider):
    async with AsyncAnthropic(base_url=f"{provider.url}/some/prefix", api_key="sk-async") as client:
        assert (await client.messages.create(**said("Hi"))).content[0].text == TEXT
        stream = await client.messages.create(**said("[[chunks=3]]"), stream=True)
        assert [e.delta.text async for e in stream if e.type == "content_block_delta"] == ["w0 ", "w1 ", "w2 "]
        async with client.messages.stream(**said("Hi")) as helper:
            assert await helper.get_final_text() == TEXT
        parsed = await client.messages.parse(**said("Hi"), output_format=Route)
    assert parsed.parsed_output.team == "sample"
    assert provider.bill.total(key="sk-async").answered == 4
