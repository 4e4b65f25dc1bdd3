"""Embeddings as the real client sees them."""

import base64
from decimal import Decimal

import openai as sdk
import pytest
from openai import AsyncOpenAI

SMALL = "text-embedding-3-small"


def _dot(a, b):
    return sum(x * y for x, y in zip(a.embedding, b.embedding, strict=True))


def test_base64_and_float_are_the_same_vectors(openai, provider):
    texts = ["refund for a late order", "two"]
    packed = openai.embeddings.create(model=SMALL, input=texts)
    plain = openai.embeddings.create(model=SMALL, input=texts, encoding_format="float")
    assert [d.embedding for d in packed.data] == [d.embedding for d in plain.data]
    assert [d.index for d in packed.data] == [0, 1]
    assert len(packed.data[0].embedding) == 1536
    # the client asks for base64 where the caller asks for nothing
    assert b'"encoding_format":"base64"' in provider.requests[0].body
    raw = openai.embeddings.create(model=SMALL, input="two", encoding_format="base64")
    assert len(base64.b64decode(raw.data[0].embedding)) == 4 * 1536


def test_vectors_mean_something(openai):
    ask, near, far = openai.embeddings.create(
        model=SMALL, input=["refund of an order", "how to refund an order", "weather tomorrow"]
    ).data
    assert _dot(ask, ask) == pytest.approx(1)
    assert _dot(ask, near) > 0.5 > _dot(ask, far)


def test_dimensions(openai):
    assert len(openai.embeddings.create(model="text-embedding-3-large", input="x").data[0].embedding) == 3072
    assert len(openai.embeddings.create(model=SMALL, input="x", dimensions=8).data[0].embedding) == 8


def test_tokens_and_dollars(openai, provider):
    assert openai.embeddings.create(model=SMALL, input=["abcd", "efghi"]).usage.prompt_tokens == 3
    assert openai.embeddings.create(model=SMALL, input=[1, 2, 3, 4, 5]).usage.total_tokens == 5
    assert openai.embeddings.create(model=SMALL, input=[[1, 2], [3]]).usage.total_tokens == 3
    openai.embeddings.create(model="text-embedding-3-large", input="[[input=1000000]]")
    # 11 x 0.02 millionths, and a million at 0.13
    assert provider.bill.total(model=SMALL).usd == Decimal("0.00000022")
    assert provider.bill.total(endpoint="embeddings").usd == Decimal("0.13000022")


@pytest.mark.parametrize("given", ["", []])
def test_nothing_to_embed(openai, given):
    with pytest.raises(sdk.BadRequestError):
        openai.embeddings.create(model=SMALL, input=given)


def test_no_output_can_be_scripted(openai):
    with pytest.raises(sdk.BadRequestError, match="nothing but input"):
        openai.embeddings.create(model=SMALL, input="[[output=5]]")


async def test_async(provider):
    async with AsyncOpenAI(base_url=provider.openai_url, api_key="sk-async") as client:
        assert (await client.embeddings.create(model=SMALL, input="abcd")).usage.prompt_tokens == 1
