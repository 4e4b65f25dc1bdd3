"""Chat completions as the real client sees them."""

import json
from decimal import Decimal

import openai as sdk
import pytest
from openai import AsyncOpenAI, AzureOpenAI
from pydantic import BaseModel

from tellmetry.demo.provider.answer import REFUSAL, TEXT

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "lookup",
            "parameters": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
        },
    }
]


class Route(BaseModel):
    team: str
    urgent: bool


def said(text):
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


def ask(client, text, model="gpt-4o-mini", **more):
    return client.chat.completions.create(model=model, messages=said(text), **more)


def test_plain(openai, provider):
    reply = ask(openai, "Hello there")
    assert reply.choices[0].message.content == TEXT
    assert reply.choices[0].finish_reason == "stop"
    assert reply.model == "gpt-4o-mini-2024-07-18"
    # "Be brief." and "Hello there": 20 characters; the answer has 64
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (5, 16)
    (line,) = provider.bill.lines()
    assert (line.key, line.endpoint, line.model) == ("sk-openai", "chat", "gpt-4o-mini")
    # 5 x 0.15 + 16 x 0.60 millionths
    assert line.usd == Decimal("0.00001035")


def test_usage_as_scripted(openai, provider):
    reply = ask(openai, "[[usage cached=256 input=412 output=99 reasoning=64 audio=10 audio_out=3 cache_write=20]]")
    usage = reply.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (412, 99, 511)
    assert usage.prompt_tokens_details.cached_tokens == 256
    assert usage.prompt_tokens_details.audio_tokens == 10
    assert usage.prompt_tokens_details.cache_write_tokens == 20
    assert usage.completion_tokens_details.reasoning_tokens == 64
    assert usage.completion_tokens_details.audio_tokens == 3
    # (156 + 256 / 2) x 0.15 + 99 x 0.60 millionths: this model has no price for audio or cache writes
    assert provider.bill.total().usd == Decimal("0.000102")


def test_parts_come_on_top_of_what_the_text_has(openai):
    usage = ask(openai, "[[cached=100 reasoning=10]] Hello").usage
    chars = len("Be brief.[[cached=100 reasoning=10]] Hello")
    assert (usage.prompt_tokens, usage.completion_tokens) == (-(-chars // 4) + 100, 16 + 10)


@pytest.mark.parametrize(("asked", "answered", "usd"), [("flex", "flex", "0.0019"), ("auto", "default", "0.0038")])
def test_service_tier(openai, provider, asked, answered, usd):
    reply = ask(openai, "[[input=1000 cached=400 output=300]]", model="gpt-5", service_tier=asked)
    assert reply.service_tier == answered
    assert provider.bill.total().usd == Decimal(usd)


def test_a_tier_without_a_price_is_served_as_default(openai, provider):
    assert ask(openai, "[[input=1000 output=0]]", model="gpt-4o", service_tier="flex").service_tier == "default"
    assert provider.bill.total().usd == Decimal("0.0025")


def test_stream_with_usage(openai, provider):
    chunks = list(ask(openai, "[[chunks=4]]", stream=True, stream_options={"include_usage": True}))
    texts = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert texts == ["w0 ", "w1 ", "w2 ", "w3 "]
    assert chunks[-1].choices == []
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (6, 3)
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert len({c.id for c in chunks}) == 1
    # 6 x 0.15 + 3 x 0.60 millionths
    assert provider.bill.total().complete.usd == Decimal("0.0000027")


def test_stream_without_usage_is_billed_and_untold(openai, provider):
    chunks = list(ask(openai, "[[chunks=4]]", stream=True))
    assert all(c.usage is None for c in chunks)
    total = provider.bill.total()
    assert (total.untold.calls, total.complete.calls) == (1, 0)
    assert total.usd == total.untold.usd == Decimal("0.0000027")


def test_usage_left_out_of_a_plain_reply(openai, provider):
    assert ask(openai, "[[usage=none]]").usage is None
    assert provider.bill.total().untold.calls == 1


def test_many_choices(openai, provider):
    reply = ask(openai, "[[say=12345678]]", n=3)
    assert [(c.index, c.message.content) for c in reply.choices] == [(i, "12345678") for i in range(3)]
    assert reply.usage.completion_tokens == 6
    texts = ["", ""]
    for chunk in ask(openai, "[[say=12345678 chunks=4]]", n=2, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == ["12345678", "12345678"]
    assert provider.bill.total().untold.usage.output == 4


def test_tool_calls_and_the_turn_after(openai, provider):
    messages = said("""[[tool=lookup,refund args='{"sku": "A-1"}']] Where is it?""")
    message = openai.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS).choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["lookup", "refund"]
    assert json.loads(message.tool_calls[0].function.arguments) == {"sku": "A-1"}
    assert message.content is None
    messages.append(message)
    messages += [{"role": "tool", "tool_call_id": c.id, "content": "found"} for c in message.tool_calls]
    reply = openai.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].message.content == TEXT
    # lookup, refund and two times 14 characters of arguments
    assert provider.bill.total().complete.usage.output == 10 + 16


def test_tools_for_several_rounds(openai):
    messages = said("[[tool=lookup rounds=3]] Go on")
    for turn in range(4):
        message = openai.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS).choices[0].message
        assert bool(message.tool_calls) == (turn < 3)
        messages.append(message)
        messages += [{"role": "tool", "tool_call_id": c.id, "content": "x"} for c in message.tool_calls or ()]


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "lookup"}}])
def test_a_tool_that_is_required_is_called_with_valid_arguments(openai, choice):
    reply = ask(openai, "Hi", tools=TOOLS, tool_choice=choice)
    (call,) = reply.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("lookup", {"sku": "sample"})
    assert reply.choices[0].finish_reason == "tool_calls"


def test_streamed_tool_calls(openai):
    args = {"sku": "a rather long one", "n": 2}
    with openai.chat.completions.stream(
        model="gpt-4o", messages=said(f"[[tool=lookup,refund args='{json.dumps(args)}']]"), tools=TOOLS
    ) as stream:
        deltas = [e for e in stream if e.type == "tool_calls.function.arguments.delta"]
        final = stream.get_final_completion()
    assert len(deltas) > 4
    calls = final.choices[0].message.tool_calls
    assert [(c.function.name, json.loads(c.function.arguments)) for c in calls] == [("lookup", args), ("refund", args)]


def test_parse(openai):
    reply = openai.chat.completions.parse(model="gpt-4o", messages=said("Route it"), response_format=Route)
    assert reply.choices[0].message.parsed == Route(team="sample", urgent=True)


def test_stream_helper_parses(openai):
    with openai.chat.completions.stream(model="gpt-4o", messages=said("Route it"), response_format=Route) as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_completion().choices[0].message.parsed == Route(team="sample", urgent=True)
    assert kinds[-1] == "content.done"


def test_an_answer_that_follows_the_schema_can_be_said(openai):
    reply = openai.chat.completions.parse(
        model="gpt-4o",
        messages=said("""[[say='{"team": "sales", "urgent": false}']]"""),
        response_format=Route,
    )
    assert reply.choices[0].message.parsed == Route(team="sales", urgent=False)


def test_refusal(openai):
    message = ask(openai, "[[refuse]]").choices[0].message
    assert (message.refusal, message.content) == (REFUSAL, None)
    streamed = [c.choices[0].delta.refusal or "" for c in ask(openai, "[[refuse]]", stream=True)]
    assert "".join(streamed) == REFUSAL


@pytest.mark.parametrize(("word", "finish"), [("length", "length"), ("content_filter", "content_filter")])
def test_finish_reasons(openai, word, finish):
    assert ask(openai, f"[[{word}]]").choices[0].finish_reason == finish
    assert [c.choices[0].finish_reason for c in ask(openai, f"[[{word}]]", stream=True)][-1] == finish


def test_parse_of_a_cut_answer_fails_in_the_client(openai, provider):
    with pytest.raises(sdk.LengthFinishReasonError):
        openai.chat.completions.parse(model="gpt-4o", messages=said("[[length]]"), response_format=Route)
    assert provider.bill.total().complete.calls == 1


def test_another_model_answers(openai, provider):
    assert ask(openai, "[[model=gpt-4o input=1000 output=10]]", model="router").model == "gpt-4o-2024-08-06"
    assert provider.bill.total(model="router").usd == Decimal("0.0026")


def test_an_unknown_model_is_unpriced(openai, provider):
    assert ask(openai, "Hi", model="gpt-77").model == "gpt-77"
    tally = provider.bill.total().complete
    assert (tally.calls, tally.unpriced, tally.usd) == (1, 1, 0)


def test_raw_reply_has_the_providers_headers(openai):
    raw = openai.chat.completions.with_raw_response.create(
        model="gpt-4o-mini", messages=said("[[remaining_requests=7 remaining_tokens=900]]")
    )
    assert raw.headers["x-request-id"].startswith("req_")
    assert float(raw.headers["openai-processing-ms"]) >= 1
    assert raw.headers["x-ratelimit-remaining-requests"] == "7"
    assert raw.headers["x-ratelimit-remaining-tokens"] == "900"
    assert raw.headers["x-ratelimit-limit-requests"] == "10000"
    assert raw.headers["x-ratelimit-reset-tokens"] == "12ms"
    assert raw.parse()._request_id == raw.headers["x-request-id"]


def test_streamed_raw_reply(openai):
    with openai.chat.completions.with_streaming_response.create(
        model="gpt-4o-mini", messages=said("Hi"), stream=True
    ) as raw:
        assert raw.headers["content-type"].startswith("text/event-stream")
        lines = list(raw.iter_lines())
    assert lines[-2:] == ["data: [DONE]", ""]


def test_azure(provider):
    client = AzureOpenAI(azure_endpoint=provider.url, api_key="azure-key", api_version="2024-10-21")
    reply = ask(client, "[[content_filter input=1000 output=0]]", model="gpt-4o")
    choice = reply.choices[0]
    assert choice.content_filter_results["violence"] == {"filtered": True, "severity": "medium"}
    assert reply.prompt_filter_results[0]["content_filter_results"]["hate"]["filtered"] is False
    (line,) = provider.bill.lines()
    assert (line.key, line.endpoint, line.model, line.usd) == ("azure-key", "chat", "gpt-4o", Decimal("0.0025"))
    assert provider.requests[-1].path == "/openai/deployments/gpt-4o/chat/completions"


def test_azure_refuses_a_prompt(provider):
    client = AzureOpenAI(azure_endpoint=provider.url, api_key="azure-key", api_version="2024-10-21")
    with pytest.raises(sdk.BadRequestError) as caught:
        ask(client, "[[content_filter=prompt]]", model="gpt-4o")
    assert caught.value.code == "content_filter"
    assert provider.bill.total().failed == {"400": 1}


async def test_async(provider):
    async with AsyncOpenAI(base_url=f"{provider.url}/openai/v1", api_key="sk-async") as client:
        reply = await ask(client, "[[input=100 output=10]]", model="gpt-4o")
        stream = await ask(client, "[[chunks=5]]", stream=True)
        texts = [c.choices[0].delta.content or "" async for c in stream]
        parsed = await client.chat.completions.parse(model="gpt-4o", messages=said("x"), response_format=Route)
    assert reply.usage.total_tokens == 110
    assert "".join(texts) == "w0 w1 w2 w3 w4 "
    assert parsed.choices[0].message.parsed.team == "sample"
    assert provider.bill.total(key="sk-async").answered == 3
