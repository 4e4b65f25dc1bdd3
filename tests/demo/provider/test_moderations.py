"""Moderations as the real client sees them."""

import openai as sdk
import pytest


def test_nothing_is_flagged_unasked(openai, provider):
    reply = openai.moderations.create(input="Hello")
    assert reply.model == "omni-moderation-2024-09-26"
    assert not reply.results[0].flagged
    assert not any(reply.results[0].categories.model_dump().values())
    (line,) = provider.bill.lines()
    assert (line.model, line.complete.calls, line.complete.usage.input, line.usd) == ("omni-moderation-latest", 1, 0, 0)


def test_each_text_has_its_own_verdict(openai):
    results = openai.moderations.create(input=["fine", "bad [[flagged=self-harm]]", "worse [[flagged]]"]).results
    assert [r.flagged for r in results] == [False, True, True]
    assert results[1].categories.self_harm
    assert results[1].category_scores.self_harm > 0.9
    assert results[2].categories.violence


def test_multi_modal_input(openai):
    reply = openai.moderations.create(
        model="omni-moderation-latest",
        input=[{"type": "text", "text": "[[flagged=hate]]"}, {"type": "image_url", "image_url": {"url": "data:,"}}],
    )
    assert reply.results[0].categories.hate


def test_a_rule_flags_every_text(openai, provider):
    provider.script("flagged=harassment", endpoint="moderations")
    assert [r.flagged for r in openai.moderations.create(input=["a", "b"]).results] == [True, True]


def test_an_unknown_category(openai):
    with pytest.raises(sdk.BadRequestError, match="no such category: rudeness"):
        openai.moderations.create(input="[[flagged=rudeness]]")
