"""Ours against genai_prices.calc_price, to the last digit, over the whole list."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import calc_price
from genai_prices import types as listed
from genai_prices.data import providers
from genai_prices.decompose import is_descendant_or_self
from genai_prices.units import _get_registry
from hypothesis import given, settings
from hypothesis import strategies as st

from tellmetry import prices
from tellmetry.prices.rates import Rates
from tellmetry.prices.table import Table
from tellmetry.prices.usage import Cost, Usage

REGISTRY = _get_registry()
UNITS = REGISTRY.units
COUNTED = sorted(set(UNITS) - {"requests"})
PAIRS = [(provider, model) for provider in providers for model in provider.models]
TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ours(table: Table, provider: Any, model: Any, context: Mapping[str, str]) -> Rates:
    """Give our prices of exactly this model, whatever its names."""
    row = table._of(provider.id)._rows[provider.models.index(model)]
    assert row.id == model.id
    return Rates(row, context, table.units, table.source)


def theirs(
    provider: Any, model: Any, usage: Mapping[str, Any], context: Mapping[str, str], at: datetime
) -> Decimal | None:
    """Give what calc_price says, unless the usage contradicts itself or no part of it has a price."""
    try:
        found = model.calc_price(
            listed.Usage(**usage), provider, genai_request_timestamp=at, price_context=context or None
        )
    except ValueError:
        return None
    keys = vars(found.model_price)
    used = [UNITS[key] for key, count in usage.items() if count]
    paid = any(is_descendant_or_self(REGISTRY.unit_for_price_key(key), use) for key in keys for use in used)
    free = not keys or "requests_kcount" in keys
    return found.total_price if free or paid or (usage and not used) else None


def same(cost: Cost | None, want: Decimal | None) -> bool:
    return cost is None if want is None else cost is not None and cost.usd == float(want)


def moments(model: Any) -> Iterator[datetime]:
    """Give both sides of every moment at which a price of the model may change."""
    steps = model.prices if isinstance(model.prices, list) else []
    for one in (*steps, *(model.price_variants or ())):
        if isinstance(one.constraint, listed.StartDateConstraint):
            start = datetime.combine(one.constraint.start_date, datetime.min.time(), UTC)
            yield from (start - timedelta(microseconds=1), start)
        elif one.constraint is not None:
            for edge in (one.constraint.start_time, one.constraint.end_time):
                turn = datetime.combine(TODAY.date(), edge)
                yield from (turn - timedelta(microseconds=1), turn)
    yield TODAY


def contexts(model: Any) -> Iterator[dict[str, str]]:
    """Give every context that selects a price of the model, and two that select none."""
    yield {}
    seen = {tuple(variant.when.items()): variant.when for variant in model.price_variants or ()}
    yield from seen.values()
    if seen:
        yield {"service_tier": "nonesuch"}


def price_sets(model: Any) -> list[Any]:
    steps = model.prices if isinstance(model.prices, list) else [model]
    return [one.prices for one in (*steps, *(model.price_variants or ()))]


def sizes(model: Any) -> set[int]:
    """Give input sizes on both sides of every tier."""
    tiered = (price for one in price_sets(model) for price in vars(one).values() if hasattr(price, "tiers"))
    return {1234} | {tier.start + more for price in tiered for tier in price.tiers for more in (0, 1)}


EVERYTHING = {
    "output_tokens": 567, "cache_read_tokens": 11, "cache_write_tokens": 9, "cache_write_5m_tokens": 4,
    "cache_write_1h_tokens": 5, "input_audio_tokens": 60, "cache_audio_read_tokens": 7, "cache_audio_write_tokens": 0,
    "input_image_tokens": 30, "cache_image_read_tokens": 3, "input_video_tokens": 20, "output_audio_tokens": 21,
    "output_image_tokens": 22, "output_video_tokens": 23, "output_reasoning_tokens": 99, "output_citation_tokens": 8,
    "web_searches": 3, "storage_searches": 2, "audio_seconds": 7, "input_audio_seconds": 6, "input_characters": 4321,
    "input_document_pages": 7, "input_annotated_document_pages": 2, "input_text_messages": 4,
}  # fmt: skip


def usages(model: Any) -> Iterator[dict[str, int]]:
    for size in sizes(model):
        yield {"input_tokens": size, "output_tokens": 567, "cache_read_tokens": 321}
        yield {"input_tokens": size, **EVERYTHING}


def test_every_model_at_every_edge(table: Table) -> None:
    """Price every model in each context, on both sides of each date, time of day and tier."""
    compared = set()
    for provider, model in PAIRS:
        for context in contexts(model):
            rates = ours(table, provider, model, context)
            for at in sorted(set(moments(model))):
                for usage in usages(model):
                    cost = rates.cost(usage, at)
                    want = theirs(provider, model, usage, context, at)
                    assert same(cost, want), (provider.id, model.id, context, at, usage, cost, want)
                    compared.add((provider.id, model.id, cost and cost.usd))
    assert {pair[:2] for pair in compared} == {(provider.id, model.id) for provider, model in PAIRS}
    assert len(compared) > 2 * len(PAIRS)  # it did not compare nothing with nothing


@st.composite
def counted(draw: st.DrawFn, numbers: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Draw parts, add them up into the wholes they belong to, then perhaps spoil or drop a count."""
    parts = draw(st.dictionaries(st.sampled_from(COUNTED), numbers, max_size=6))
    kept = draw(st.sets(st.sampled_from(COUNTED), max_size=3))
    wholes = {whole for part in parts for whole in REGISTRY.ancestor_usage_keys(part)}
    usage = {
        whole: sum(count for part, count in parts.items() if is_descendant_or_self(UNITS[whole], UNITS[part]))
        for whole in [*parts, *sorted(wholes), *sorted(kept)]
    }
    lost = st.sampled_from(sorted(usage) or COUNTED)
    spoiled = draw(st.dictionaries(lost | st.sampled_from(COUNTED), st.none() | numbers, max_size=1))
    return {key: count for key, count in (usage | spoiled).items() if count is not None}


EIGHTHS = st.integers(0, 8_000_000).map(lambda number: number / 8)  # exact as binary and as decimal
WHOLE = st.integers(0, 9) | st.integers(0, 3_000_000) | st.integers(0, 10**30)
ANY_TIME = st.datetimes(datetime(2023, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
CONTEXT = st.dictionaries(
    st.sampled_from(["service_tier", "processing", "speed"]),
    st.sampled_from(["flex", "priority", "fast", "default", "batch"]),
    max_size=2,
)
RICH = [pair for pair in PAIRS if len({key for one in price_sets(pair[1]) for key in vars(one)}) > 3]


PAIR = (st.sampled_from(RICH) | st.sampled_from(PAIRS)).map(lambda pair: _Named(*pair))


class _Named(tuple[Any, Any]):
    """A pair that a failing example prints in one line."""

    def __new__(cls, provider: Any, model: Any) -> _Named:
        return super().__new__(cls, (provider, model))

    def __repr__(self) -> str:
        return f"<{self[0].id} {self[1].id}>"


@settings(max_examples=400, deadline=None, derandomize=True)
@given(pair=PAIR, usage=counted(WHOLE), context=CONTEXT, at=ANY_TIME)
def test_any_whole_usage(table: Table, pair: Any, usage: Any, context: Any, at: datetime) -> None:
    cost = ours(table, *pair, context).cost(usage, at)
    want = theirs(*pair, usage, context, at)
    assert same(cost, want), (cost, want)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(pair=PAIR, usage=counted(EIGHTHS), at=ANY_TIME)
def test_any_usage_in_fractions(table: Table, pair: Any, usage: Any, at: datetime) -> None:
    cost = ours(table, *pair, {}).cost(usage, at)
    want = theirs(*pair, usage, {}, at)
    assert same(cost, want), (cost, want)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(pair=PAIR, usage=counted(WHOLE), at=ANY_TIME)
def test_savings_are_the_difference_to_no_cache(table: Table, pair: Any, usage: Any, at: datetime) -> None:
    """Take the cache away: the same tokens then cost what was saved more and the premium less."""
    rates = ours(table, *pair, {})
    bare = {key: count for key, count in usage.items() if not key.startswith("cache_")}
    cost, uncached = rates.cost(usage, at), rates.cost(bare, at)
    if cost and uncached:
        assert uncached.usd == pytest.approx(cost.usd + cost.saved_usd - cost.premium_usd, rel=1e-12)
        assert cost.saved_usd >= 0 <= cost.premium_usd


@pytest.mark.parametrize("seconds", [0.1, 7.3, 9.99, 10.0, 61.25, 1e-7])
def test_seconds_with_decimals(seconds: float) -> None:
    """Read 0.1 s as a tenth, as calc_price does; Groq bills ten seconds at least."""
    for provider, model in (("openai", "whisper-1"), ("groq", "whisper-large-v3"), ("groq", "whisper-large-v3-turbo")):
        want = calc_price(listed.Usage(audio_seconds=seconds, input_audio_seconds=seconds), model, provider_id=provider)
        cost = prices.quote(provider, (model,), {"audio_seconds": seconds, "input_audio_seconds": seconds})
        assert cost is not None
        assert cost.usd == float(want.total_price)


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": 10, "cache_read_tokens": 11},
        {"cache_read_tokens": 11},
        {"input_tokens": -1},
        {"input_tokens": True},
        {"input_tokens": float("nan")},
        {"input_tokens": float("inf")},
        {"input_tokens": "10"},
        {"input_tokens": 10**400},
        {"input_tokens": 10, "output_tokens": [1]},
        {"audio_seconds": 30},
        {},
    ],
)  # fmt: skip
def test_a_usage_that_cannot_be_right_is_unpriced_and_does_not_raise(usage: Any) -> None:
    assert prices.quote("openai", ("gpt-4o",), usage) is None


def test_a_count_without_a_price_is_named() -> None:
    """Charge what has a price and say what had none, instead of passing it over."""
    cost = prices.quote(
        "groq", ("llama-3.1-8b-instant",), {"input_tokens": 1000, "output_tokens": 0, "web_searches": 2}
    )
    assert cost is not None
    assert cost.usd > 0
    assert cost.unpriced == ("web_searches",)


def test_none_is_not_reported() -> None:
    usage: Usage = {"input_tokens": 1000, "output_tokens": 10, "cache_read_tokens": None, "web_searches": None}
    assert prices.quote("openai", ("gpt-4o",), usage) == prices.quote(
        "openai", ("gpt-4o",), {"input_tokens": 1000, "output_tokens": 10}
    )


def test_a_free_model_costs_nothing() -> None:
    cost = prices.quote("openai", ("omni-moderation-latest",), {"input_tokens": 12})
    assert cost is not None
    assert (cost.usd, cost.unpriced) == (0.0, ())


# Dollars worked out by hand from the providers' price pages of the day.
BY_HAND = [
    # gpt-4o, 2.50 in, 1.25 cached, 10 out: (1000-400)*2.5 + 400*1.25 + 200*10 = 4000 millionths; saved 400*1.25.
    ("openai", "gpt-4o-2024-08-06", {"input_tokens": 1000, "cache_read_tokens": 400, "output_tokens": 200}, {}, "0.004", "0.0005", "0"),
    # claude-sonnet-4, 3 in, 0.30 read, 3.75 written for 5 minutes, 6 for an hour, 15 out:
    # 100*3 + 2000*0.3 + 500*3.75 + 300*6 + 50*15 = 5325; saved 2000*2.7; premium 500*0.75 + 300*3.
    (
        "anthropic", "claude-sonnet-4-20250514",
        {"input_tokens": 2900, "cache_read_tokens": 2000, "cache_write_tokens": 800, "cache_write_1h_tokens": 300, "output_tokens": 50},
        {}, "0.005325", "0.0054", "0.001275",
    ),
    # The same through Anthropic's batches: half of everything.
    ("anthropic", "claude-sonnet-4-5", {"input_tokens": 1000, "output_tokens": 100}, {"batch": True}, "0.00225", "0", "0"),
    ("anthropic", "claude-sonnet-4-5", {"input_tokens": 1000, "output_tokens": 100}, {"service_tier": "batch"}, "0.00225", "0", "0"),
    # gemini-2.5-pro above 200k: 2.50 in and 15 out for all of it, not for the excess.
    ("gcp.gemini", "gemini-2.5-pro", {"input_tokens": 200_001, "output_tokens": 10}, {}, "0.5001525", "0", "0"),
    ("gcp.gemini", "models/gemini-2.5-pro", {"input_tokens": 200_000, "output_tokens": 10}, {}, "0.2501", "0", "0"),
    # gpt-5, 1.25 in, 10 out; flex halves it.
    ("openai", "gpt-5", {"input_tokens": 1000, "output_tokens": 100}, {"service_tier": "default"}, "0.00225", "0", "0"),
    ("openai", "gpt-5", {"input_tokens": 1000, "output_tokens": 100}, {"service_tier": "flex"}, "0.001125", "0", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "model", "usage", "asked", "usd", "saved", "premium"), BY_HAND)
def test_amounts_worked_out_by_hand(
    provider: str, model: str, usage: Usage, asked: Any, usd: str, saved: str, premium: str
) -> None:
    cost = prices.quote(provider, (model,), usage, **asked)
    assert cost is not None
    assert (cost.usd, cost.saved_usd, cost.premium_usd) == (float(usd), float(saved), float(premium))
    assert cost.source.startswith("list:genai-prices-")


def test_usage_has_every_unit_of_the_list() -> None:
    """A unit that genai-prices adds must appear in our type, or nobody could report it."""
    assert set(Usage.__annotations__) == {*COUNTED, "images"}


def test_quoting_imports_neither_genai_prices_nor_decimal() -> None:
    """The point of the table: a quote in a fresh process leaves the slow imports alone."""
    script = (
        f"import sys; sys.path[:] = {sys.path!r}; from tellmetry import prices; prices.preload();"
        "assert prices.quote('openai', ('gpt-4o',), {'input_tokens': 1000, 'output_tokens': 5}).usd == 0.00255;"
        "print([name for name in ('genai_prices', 'pydantic', 'fractions', 'tomllib') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
