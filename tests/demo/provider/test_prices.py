"""The price list: amounts worked out by hand, and every row against the list that the product uses."""

from decimal import Decimal

import genai_prices
import pytest

from tellmetry.demo.provider import Usage
from tellmetry.demo.provider.prices import MODELS, find

BY_HAND = [
    # 156 x 0.15 + 256 x 0.075 + 99 x 0.60 = 102 millionths
    ("gpt-4o-mini", "default", Usage(412, 99, cached=256), "0.000102"),
    # 1000 x 0.25 + 100 x 1
    ("gpt-4o-mini", "priority", Usage(1000, 100), "0.00035"),
    ("gpt-4o-mini", "fast", Usage(1000, 100), "0.00035"),
    # no flex price is published: 1000 x 0.15 + 100 x 0.60
    ("gpt-4o-mini", "flex", Usage(1000, 100), "0.00021"),
    # 1000 x 2.50 + 10 x 10
    ("gpt-4o", "default", Usage(1000, 10), "0.0026"),
    # 100 x 0.40 + 900 x 0.10 + 10 x 1.60
    ("gpt-4.1-mini", "default", Usage(1000, 10, cached=900), "0.000146"),
    # 600 x 1.25 + 400 x 0.125 + 300 x 10; reasoning is part of the 300
    ("gpt-5", "default", Usage(1000, 300, cached=400, reasoning=200), "0.0038"),
    # 600 x 0.625 + 400 x 0.0625 + 300 x 5
    ("gpt-5", "flex", Usage(1000, 300, cached=400), "0.0019"),
    # 600 x 2.50 + 400 x 0.25 + 300 x 20
    ("gpt-5", "priority", Usage(1000, 300, cached=400), "0.0076"),
    # 1 x 0.25 + 1 x 2
    ("gpt-5-mini", "default", Usage(1, 1), "0.00000225"),
    # 1000 x 0.025 + 1000 x 0.20
    ("gpt-5-nano", "flex", Usage(1000, 1000), "0.000225"),
    # 1000 x 2 + 200 x 8
    ("o3", "default", Usage(1000, 200, reasoning=64), "0.0036"),
    # 500 x 2 + 300 x 0.20 + 200 x 2.50 + 100 x 10
    ("gpt-6-sol", "default", Usage(1000, 100, cached=300, write_5m=200), "0.00256"),
    # at the threshold: 272000 x 2 + 1000 x 10
    ("gpt-6-sol", "default", Usage(272_000, 1000), "0.554"),
    # over it every token is long: 272001 x 4 + 1000 x 15
    ("gpt-6-sol", "default", Usage(272_001, 1000), "1.103004"),
    ("gpt-6-sol", "flex", Usage(272_001, 1000), "0.551502"),
    # 60 x 2.50 + 40 x 32 + 20 x 10 + 30 x 64
    ("gpt-audio", "default", Usage(100, 50, audio_in=40, audio_out=30), "0.00355"),
    # audio without a price of its own costs what text does: 100 x 0.15
    ("gpt-4o-mini", "default", Usage(100, 0, audio_in=40), "0.000015"),
    # 1000 x 1.50 + 500 x 2
    ("gpt-3.5-turbo-instruct", "default", Usage(1000, 500), "0.0025"),
    ("text-embedding-3-small", "default", Usage(1_000_000), "0.02"),
    ("text-embedding-3-large", "default", Usage(1_000_000), "0.13"),
    ("omni-moderation-latest", "default", Usage(1_000_000), "0"),
    # 10 x 3 + 1000 x 0.30 + 200 x 3.75 + 100 x 6 + 50 x 15
    ("claude-sonnet-4-5", "default", Usage(1310, 50, cached=1000, write_5m=200, write_1h=100), "0.00243"),
    # at the threshold, cache included: 140000 x 3 + 60000 x 0.30 + 1000 x 15
    ("claude-sonnet-4-5", "default", Usage(200_000, 1000, cached=60_000), "0.453"),
    # over it: 150000 x 6 + 60000 x 0.60 + 1000 x 22.50
    ("claude-sonnet-4-5", "default", Usage(210_000, 1000, cached=60_000), "0.9585"),
    # 1000 x 1 + 100 x 5
    ("claude-haiku-4-5", "default", Usage(1000, 100), "0.0015"),
    # 100 x 15 + 10 x 75 millionths + 3 searches at 10 dollars a thousand
    ("claude-opus-4-1", "default", Usage(100, 10, web_searches=3), "0.03225"),
    # 100 x 8 + 10 x 40
    ("claude-opus-5-5", "fast", Usage(100, 10), "0.0012"),
    # 90 x 2 + 10 x 0.10
    ("claude-sonnet-5-5", "default", Usage(100, 0, cached=10), "0.000181"),
]


@pytest.mark.parametrize(("model", "tier", "usage", "usd"), BY_HAND)
def test_amounts_worked_out_by_hand(model, tier, usage, usd):
    assert find(model).charge(usage, tier) == Decimal(usd)


def test_every_model_is_worked_out_by_hand():
    assert {row[0] for row in BY_HAND} == set(MODELS)


def test_snapshots_cost_what_their_alias_costs():
    for name, model in MODELS.items():
        assert find(model.snapshot) is find(name)


def test_unknown_models_have_no_price():
    assert find("gpt-4o-mini-2031-01-01") is None


USAGES = [
    {"input_tokens": 1000, "output_tokens": 300},
    {"input_tokens": 1000, "output_tokens": 300, "cache_read_tokens": 400},
    {"input_tokens": 300_000, "output_tokens": 7, "cache_read_tokens": 100_000},
    {"input_tokens": 900, "output_tokens": 7, "cache_read_tokens": 100, "cache_write_tokens": 500},
]


@pytest.mark.parametrize("model", [name for name in MODELS if name != "omni-moderation-latest"])
@pytest.mark.parametrize("usage", USAGES, ids=["plain", "cached", "long", "written"])
def test_agrees_with_the_public_list(model, usage):
    provider = "anthropic" if model.startswith("claude") else "openai"
    ours = Usage(
        usage["input_tokens"],
        usage["output_tokens"],
        cached=usage.get("cache_read_tokens", 0),
        write_5m=usage.get("cache_write_tokens", 0),
    )
    for tier in MODELS[model].tiers:
        context = {"speed" if provider == "anthropic" else "service_tier": tier}
        theirs = genai_prices.calc_price(
            genai_prices.Usage(**usage), model, provider_id=provider, price_context=context if tier != "default" else {}
        )
        assert MODELS[model].charge(ours, tier) == theirs.total_price
