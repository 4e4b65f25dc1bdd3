"""Errors, retries and broken streams as the real clients meet them, and what the bill says of each."""

import time
from decimal import Decimal

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tellmetry.demo.provider import Usage

pytestmark = pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")


def chat(client, text, **more):
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}], **more)


def respond(client, text, **more):
    return client.responses.create(model="gpt-4o", input=text, **more)


def message(client, text, **more):
    asked = [{"role": "user", "content": text}]
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=64, messages=asked, **more)


CALLS = {"chat": ("openai", chat), "responses": ("openai", respond), "messages": ("anthropic", message)}


@pytest.fixture(params=CALLS)
def call(request, openai, anthropic):
    """One call by each API: `call(text, **more)`."""
    which, make = CALLS[request.param]
    client = {"openai": openai, "anthropic": anthropic}[which]

    def made(text, *, retries=0, timeout=None, **more):
        options = {"max_retries": retries} | ({"timeout": timeout} if timeout else {})
        return make(client.with_options(**options), text, **more)

    made.sdk = {"openai": openai_sdk, "anthropic": anthropic_sdk}[which]
    return made


ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
    529: "APIStatusError",
}


@pytest.mark.parametrize("status", ERRORS)
def test_statuses(call, provider, status):
    with pytest.raises(getattr(call.sdk, ERRORS[status])) as caught:
        call(f"[[status={status}]]")
    assert caught.value.status_code == status
    assert caught.value.request_id.startswith("req_")
    total = provider.bill.total()
    assert (total.received, total.answered, total.failed) == (1, 0, {str(status): 1})
    assert total.usd == 0


def test_openai_error_body(openai):
    with pytest.raises(openai_sdk.RateLimitError) as caught:
        chat(openai.with_options(max_retries=0), "[[status=429 code=insufficient_quota message='You are out of money']]")
    error = caught.value
    assert (error.code, error.type) == ("insufficient_quota", "insufficient_quota")
    assert error.body["message"] == "You are out of money"
    assert error.response.headers["x-ratelimit-remaining-requests"] == "0"


def test_anthropic_error_body(anthropic):
    with pytest.raises(anthropic_sdk.APIStatusError) as caught:
        message(anthropic.with_options(max_retries=0), "[[status=529 code=compaction_unavailable]]")
    body = caught.value.body
    assert body["error"]["type"] == "overloaded_error"
    assert body["error"]["details"] == {"error_code": "compaction_unavailable"}
    assert body["request_id"] == caught.value.request_id


def test_two_rate_limits_and_then_an_answer(call, provider):
    call("[[status=429 times=2 retry_after_ms=1]]", retries=2)
    total = provider.bill.total()
    assert (total.received, total.answered, total.failed) == (3, 1, {"429": 2})
    assert [r.headers["x-stainless-retry-count"] for r in provider.requests] == ["0", "1", "2"]


def test_one_retry_too_few(call, provider):
    with pytest.raises(call.sdk.RateLimitError):
        call("[[status=429 times=2 retry_after_ms=1]]", retries=1)
    assert provider.bill.total().failed == {"429": 2}


def test_retry_headers(openai, provider):
    with pytest.raises(openai_sdk.InternalServerError) as caught:
        chat(openai, "[[status=500 should_retry=false retry_after=7]]")
    assert caught.value.response.headers["retry-after"] == "7"
    assert provider.bill.total().received == 1


def test_the_client_waits_as_long_as_it_is_told(openai):
    started = time.monotonic()
    chat(openai, "[[status=429 times=1 retry_after_ms=60]]")
    assert time.monotonic() - started >= 0.06


def test_a_dropped_connection_before_the_reply(call, provider):
    with pytest.raises(call.sdk.APIConnectionError):
        call("[[cut_after=0]]")
    assert provider.bill.total().failed == {"dropped": 1}


def test_a_dropped_connection_is_retried(openai, provider):
    provider.script("status=503 retry_after_ms=1 times=1")
    chat(openai.with_options(max_retries=2), "[[cut_after=0 times=2]]", timeout=5)
    total = provider.bill.total()
    assert total.failed == {"503": 1, "dropped": 1}
    assert total.answered == 1


def test_a_plain_reply_cut_in_its_body(openai, provider):
    with pytest.raises(openai_sdk.APIConnectionError):
        chat(openai.with_options(max_retries=0), "[[cut_after=1 input=1000 output=10]]")
    total = provider.bill.total()
    assert (total.answered, total.usd) == (1, 0)
    assert total.broken.usd == Decimal("0.0026")


def test_a_plain_reply_that_is_no_json(openai, provider):
    with pytest.raises(ValueError, match="Expecting|Unterminated|delimiter"):
        chat(openai, "[[malformed input=1000 output=10]]")
    assert provider.bill.total().broken.usd == Decimal("0.0026")


TEXT_EVENTS = {"response.output_text.delta", "content_block_delta"}


def texts(stream, seen):
    """Read a stream of any of the three APIs, noting each text as it comes.

    One that fails is closed by its test: the garbage collector might come in the middle of a later request of the same
    client, whose connection pool would then wait for itself for ever.
    """
    for event in stream:
        if getattr(event, "choices", None) and event.choices[0].delta.content:
            seen.append(event.choices[0].delta.content)
        elif getattr(event, "type", "") in TEXT_EVENTS:
            seen.append(getattr(event.delta, "text", event.delta))


@pytest.mark.parametrize("how", ["", " reset"])
def test_a_stream_cut_by_the_provider(call, provider, how):
    seen = []
    with pytest.raises(Exception) as caught, call(f"[[chunks=8 cut_after=3{how} input=1000]]", stream=True) as stream:
        texts(stream, seen)
    # the newest openai wraps what its HTTP client raises, the others do not
    raised = caught.value.__cause__ if isinstance(caught.value, openai_sdk.APIConnectionError) else caught.value
    assert type(raised).__name__ == ("ReadError" if how else "RemoteProtocolError")
    assert seen == ["w0 ", "w1 ", "w2 "]
    total = provider.bill.total()
    assert (total.answered, total.complete.calls, total.untold.calls) == (1, 0, 0)
    # nine characters were sent
    assert (total.broken.calls, total.broken.usage.input, total.broken.usage.output) == (1, 1000, 3)


def test_an_error_event_in_the_stream(call, provider):
    seen = []
    with pytest.raises(call.sdk.APIError) as caught, call("[[chunks=8 error_event message='Went away']]", stream=True) as stream:
        texts(stream, seen)
    assert "Went away" in str(caught.value)
    assert len(seen) == 4, "halfway"
    assert provider.bill.total().broken.usage.output == 3


def test_broken_json_in_the_stream(call, provider):
    seen = []
    with pytest.raises(ValueError, match="Unterminated|Expecting"), call("[[chunks=8 malformed=2]]", stream=True) as stream:
        texts(stream, seen)
    assert seen == ["w0 ", "w1 "]
    assert provider.bill.total().broken.calls == 1


def test_the_client_closes_a_stream(call, provider):
    seen = []
    with call("[[chunks=8 hold_after=3 input=1000]]", stream=True) as stream:
        for event in stream:
            texts([event], seen)
            if len(seen) == 3:
                break
    assert provider.bill.settled()
    total = provider.bill.total()
    assert (total.answered, total.usd) == (1, 0)
    assert (total.cut.calls, total.cut.usage.input, total.cut.usage.output) == (1, 1000, 3)


def test_what_was_sent_of_a_scripted_output(anthropic, provider):
    with anthropic.messages.stream(
        model="claude-sonnet-4-5",
        max_tokens=64,
        messages=[{"role": "user", "content": "[[chunks=10 hold_after=3 input=10 cached=1000 output=99 reasoning=90]]"}],
    ) as stream:
        next(iter(stream.text_stream))
    assert provider.bill.settled()
    cut = provider.bill.total().cut
    # 3 of 10 chunks are 30 of the 99 tokens, all of which the reasoning could have been
    assert cut.usage == Usage(1010, 30, cached=1000, reasoning=30)
    # 10 x 3 + 1000 x 0.30 + 30 x 15 millionths
    assert cut.usd == Decimal("0.00078")


def test_reasoning_comes_before_what_was_sent(openai, provider):
    with chat(openai, "[[chunks=8 hold_after=2 reasoning=50]]", stream=True) as stream:
        next(stream)
    assert provider.bill.settled()
    # fifty, and six characters
    assert provider.bill.total().cut.usage.output == 52


def test_a_timeout_before_the_reply(call, provider):
    with pytest.raises(call.sdk.APITimeoutError):
        call("[[slow=5 input=1000]]", timeout=0.05)
    assert provider.bill.settled()
    total = provider.bill.total()
    assert (total.answered, total.failed) == (0, {"gone": 1})
    assert (total.cut.calls, total.cut.usage.input, total.cut.usage.output) == (1, 1000, 0)


def test_slow_once(openai, provider):
    chat(openai.with_options(max_retries=5), "[[slow=5 times=1]]", timeout=0.5)
    assert provider.bill.settled()
    total = provider.bill.total()
    assert total.answered == 1
    assert total.failed["gone"] == total.received - 1 >= 1


def test_an_error_nobody_waited_for_costs_nothing(openai, provider):
    with pytest.raises(openai_sdk.APITimeoutError):
        chat(openai.with_options(max_retries=0), "[[slow=5 status=500]]", timeout=0.05)
    assert provider.bill.settled()
    assert provider.bill.total().failed == {"gone": 1}
    assert provider.bill.total().cut.calls == 0


def test_a_stream_in_time(openai):
    started = time.monotonic()
    times = []
    for chunk in chat(openai, "[[slow=0.05 first_chunk_delay_ms=80 delay_ms=20 chunks=4]]", stream=True):
        if chunk.choices[0].delta.content:
            times.append(time.monotonic() - started)
    assert times[0] >= 0.13
    assert times[-1] >= 0.19


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[cached=500 input=100]]", "exceed input"),
        ("[[chunks=3 say=ab]]", "no 3 chunks"),
        ("[[colour=red]]", "no such word"),
        ("[[web_searches=1]]", "Anthropic's"),
        ("[[failed]]", "for Responses"),
        ("[[status=200]]", "for errors"),
    ],
)
def test_a_bad_directive_is_said_to_be_bad(openai, provider, text, why):
    with pytest.raises(openai_sdk.BadRequestError, match=why) as caught:
        chat(openai, text)
    assert caught.value.code == "bad_script"
    assert provider.bill.total().failed == {"400": 1}


def test_a_stream_cannot_be_cut_after_its_end(openai):
    with pytest.raises(openai_sdk.BadRequestError, match="only 2 content chunks"):
        chat(openai, "[[chunks=2 cut_after=3]]", stream=True)


def test_no_key(provider, openai):
    with pytest.raises(openai_sdk.AuthenticationError):
        chat(openai, "Hi", extra_headers={"Authorization": ""})
    assert provider.bill.total().failed == {"401": 1}


async def test_async_retries_cuts_and_errors(provider):
    async with AsyncOpenAI(base_url=provider.openai_url, api_key="sk-async") as client:
        await chat(client, "[[status=429 times=2 retry_after_ms=1]]")
        stream = await chat(client, "[[chunks=8 hold_after=2]]", stream=True)
        async with stream:
            async for chunk in stream:
                if chunk.choices[0].delta.content == "w1 ":
                    break
        with pytest.raises(openai_sdk.APIError):
            async for _ in await chat(client, "[[error_event=1]]", stream=True):
                pass
    async with AsyncAnthropic(base_url=provider.url, api_key="sk-async") as client:
        await message(client, "[[status=529 times=1 retry_after_ms=1]]")
    assert provider.bill.settled()
    total = provider.bill.total(key="sk-async")
    assert total.failed == {"429": 2, "529": 1}
    assert (total.complete.calls, total.cut.calls, total.broken.calls, total.cut.usage.output) == (2, 1, 1, 2)
