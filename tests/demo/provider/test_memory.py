"""Conversations that the server holds."""

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest
from anthropic import beta_tool

from tellmetry.demo.provider.answer import TEXT

pytestmark = pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")
BETA = "message-threads-2026-08-12"


def turn(client, text, thread, **more):
    return client.beta.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=64,
        messages=[{"role": "user", "content": text}],
        extra_body={"thread": thread},
        betas=[BETA],
        **more,
    )


def test_a_message_thread_counts_all_it_holds(anthropic, provider):
    first = turn(anthropic, "12345678", {"type": "create"}, system="1234")
    assert first.usage.input_tokens == 3
    second = turn(anthropic, "abcd", {"type": "continue", "previous_message_id": first.id})
    # system and both turns of the user, and the 64 characters of the answer between them
    assert second.usage.input_tokens == 1 + 2 + 1 + len(TEXT) // 4
    assert provider.bill.total().complete.usage.input == 3 + 20


def test_a_thread_that_is_not_held(anthropic, provider):
    with pytest.raises(anthropic_sdk.NotFoundError) as caught:
        turn(anthropic, "Hi", {"type": "continue", "previous_message_id": "msg_never"})
    assert caught.value.body["error"]["details"] == {"error_code": "thread_not_found"}
    assert provider.bill.total().failed == {"404": 1}


def test_the_client_recovers_when_its_thread_is_lost(anthropic, provider):
    @beta_tool
    def lookup() -> str:
        """Look it up, and lose every thread."""
        provider.reset()
        return "found"

    asked = [{"role": "user", "content": "[[tool=lookup]] Where?"}]
    runner = anthropic.beta.messages.tool_runner(
        model="claude-sonnet-4-5", max_tokens=64, messages=asked, tools=[lookup]
    )
    assert runner.until_done().content[0].text == TEXT
    assert provider.bill.total().answered == 1


def test_previous_responses_are_input_again(openai):
    first = openai.responses.create(model="gpt-5", input="12345678")
    second = openai.responses.create(model="gpt-5", input="abcd", previous_response_id=first.id)
    assert second.usage.input_tokens == 2 + 1 + len(TEXT) // 4
    third = openai.responses.create(model="gpt-5", input=[{"role": "user", "content": "efgh"}], previous_response_id=second.id)
    assert third.usage.input_tokens == second.usage.input_tokens + 1 + len(TEXT) // 4


@pytest.mark.parametrize("kept", [{"store": False}, {}])
def test_a_response_that_is_not_held(openai, provider, kept):
    first = openai.responses.create(model="gpt-5", input="Hi", **kept)
    if not kept:
        provider.reset()
    with pytest.raises(openai_sdk.BadRequestError) as caught:
        openai.responses.create(model="gpt-5", input="Hi", previous_response_id=first.id)
    assert caught.value.code == "previous_response_not_found"
