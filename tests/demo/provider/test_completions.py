"""Legacy completions as the real client sees them."""

from decimal import Decimal

import openai as sdk
import pytest

from tellmetry.demo.provider.answer import TEXT

MODEL = "gpt-3.5-turbo-instruct"


def test_plain(openai, provider):
    reply = openai.completions.create(model=MODEL, prompt="[[input=1000 output=500]]")
    assert reply.choices[0].text == TEXT
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage.total_tokens == 1500
    assert provider.bill.total(endpoint="completions").usd == Decimal("0.0025")


def test_many_choices_of_several_prompts(openai):
    reply = openai.completions.create(model=MODEL, prompt=["abcd", "efgh"], n=2)
    assert [c.text for c in reply.choices] == [TEXT, TEXT]
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (2, 32)


@pytest.mark.parametrize(("told", "section"), [(True, "complete"), (False, "untold")])
def test_stream(openai, provider, told, section):
    options = {"stream_options": {"include_usage": True}} if told else {}
    chunks = list(openai.completions.create(model=MODEL, prompt="[[chunks=3 length]]", stream=True, **options))
    assert "".join(c.choices[0].text for c in chunks if c.choices) == "w0 w1 w2 "
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length"
    assert (chunks[-1].usage is not None) == told
    assert provider.bill.total().sections[section].usage.output == 3


def test_tools_are_refused(openai, provider):
    with pytest.raises(sdk.BadRequestError, match="know no tools"):
        openai.completions.create(model=MODEL, prompt="[[tool=lookup]]")
    assert provider.bill.total().failed == {"400": 1}
