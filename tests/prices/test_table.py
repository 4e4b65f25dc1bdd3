"""What the list of today does not show: the first of several matches, and prices around midnight."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from datetime import time as clock
from decimal import Decimal

import pytest
from genai_prices import types as listed

from tellmetry.prices.compile import _clause, _constraint, _head, _prices
from tellmetry.prices.rates import Rates
from tellmetry.prices.table import Model, Table, _Models, matches

CLAUSES = [
    listed.ClauseEquals("Gpt-4"),
    listed.ClauseStartsWith("GPT-"),
    listed.ClauseEndsWith("-Mini"),
    listed.ClauseContains("4O"),
    listed.ClauseRegex(r"^gpt-\d$"),
    listed.ClauseOr([listed.ClauseEquals("a"), listed.ClauseOr([listed.ClauseEquals("gpt-5"), listed.ClauseContains("z")])]),
    listed.ClauseAnd([listed.ClauseStartsWith("gpt"), listed.ClauseOr([listed.ClauseEndsWith("5"), listed.ClauseEquals("a")])]),
]  # fmt: skip
NAMES = ["gpt-4", "gpt-4o", "gpt-4o-mini", "gpt-5", "a", "z", "xz", "", "mini", "gpt-44"]


@pytest.mark.parametrize("clause", CLAUSES)
def test_clauses_mean_what_genai_prices_means(clause: object) -> None:
    for name in NAMES:
        assert matches(_clause(clause), name) == clause.is_match(name), name  # type: ignore[attr-defined]


def test_an_unknown_clause_is_refused() -> None:
    with pytest.raises(KeyError):
        _clause(object())


def test_the_first_match_of_the_list_wins() -> None:
    """Order decides, whichever of two clauses is exact."""
    models = [listed.ModelInfo(id=str(place), match=clause) for place, clause in enumerate(CLAUSES * 2)]
    provider = listed.Provider(id="p", name="p", api_pattern="", models=models)
    for turned in (models, models[::-1]):
        provider.models = turned
        found = _Models([[model.id, _clause(model.match), {}] for model in turned])
        for name in NAMES:
            want, got = provider._match_model(name), found.find(name)
            assert (got and got.id) == (want and want.id), name


@pytest.mark.parametrize(
    ("pattern", "head"),
    [
        (r"https://api\.x\.ai", "https://api.x.ai"),
        (r"https?://api\.x\.ai", "http"),
        (r"https://(.*\.)?x\.ai", "https://"),
        (r"https://api\.x\.ai|https://x\.ai", ""),
        (r"https://[a-z]+\.ai", "https://"),
        (r"https://api\.x*", "https://api."),
        (r"https://api\d", "https://api"),
        (r"^https://api", ""),
    ],
)
def test_the_start_of_a_pattern(pattern: str, head: str) -> None:
    assert _head(pattern) == head


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (clock(16, 30), clock(0, 30)),
        (clock(0, 30, tzinfo=UTC), clock(16, 30, tzinfo=UTC)),
        (clock(22, 0, tzinfo=timezone(timedelta(hours=8))), clock(9, 0, 0, 500, tzinfo=timezone(timedelta(hours=8)))),
        (clock(5), clock(5)),
    ],
)
def test_times_of_day(table: Table, start: clock, end: clock) -> None:
    """Price by the clock, around midnight and in other zones, to the microsecond."""
    constraint = listed.TimeOfDateConstraint(start, end)
    night, day = listed.ModelPrice(input_mtok=Decimal(1)), listed.ModelPrice(input_mtok=Decimal(2))
    model = Model("m", "m", [[None, _prices(day)], [_constraint(constraint), _prices(night)]])
    rates = Rates(model, {}, table.units, "test")
    hours = [datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=30) * half for half in range(48)]
    for moment in hours:
        for shift in (timedelta(), timedelta(microseconds=1), timedelta(microseconds=-1)):
            at = moment + shift
            cost = rates.cost({"input_tokens": 1_000_000}, at)
            assert cost is not None
            assert cost.usd == (1 if constraint.active(at) else 2), at


def test_a_time_without_a_zone_is_utc(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine in Tokyo prices the same call the same."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        model = Model("m", "m", [[None, {"input_tokens": "2"}], ["2026-03-01", {"input_tokens": "1"}]])
        rates = Rates(model, {}, table.units, "test")
        for at, usd in ((datetime(2026, 3, 1), 1), (datetime(2026, 2, 28, 23, 59, 59), 2)):
            cost = rates.cost({"input_tokens": 1_000_000}, at)
            assert cost is not None
            assert cost.usd == usd
    finally:
        monkeypatch.undo()
        time.tzset()


def test_now_is_when_no_time_is_given(table: Table) -> None:
    today = datetime.now(UTC).date()
    for day, usd in ((today - timedelta(days=1), 1), (today + timedelta(days=2), 2)):
        model = Model("m", "m", [[None, {"input_tokens": "2"}], [day.isoformat(), {"input_tokens": "1"}]])
        cost = Rates(model, {}, table.units, "test").cost({"input_tokens": 1_000_000}, None)
        assert cost is not None
        assert cost.usd == usd


def test_an_unknown_constraint_is_refused() -> None:
    with pytest.raises(TypeError):
        _constraint(object())


def test_prices_that_do_not_part_cleanly_price_nothing(table: Table) -> None:
    """As calc_price refuses them: a price for cached input and none for input."""
    rates = Rates(Model("m", "m", {"cache_read_tokens": "1"}), {}, table.units, "test")
    assert rates.cost({"input_tokens": 2, "cache_read_tokens": 1}, None) is None


def test_overlapping_counts_need_their_overlap(table: Table) -> None:
    """Cached input and audio input were counted, cached audio was not: how much of it there was decides the price."""
    full = {"input_tokens": "4", "cache_read_tokens": "1", "input_audio_tokens": "32", "cache_audio_read_tokens": "2"}
    rates = Rates(Model("m", "m", full), {}, table.units, "test")
    both = {"input_tokens": 100, "cache_read_tokens": 10, "input_audio_tokens": 20}
    assert rates.cost(both, None) is None
    assert rates.cost({**both, "cache_read_tokens": 0}, None) is not None
    cost = rates.cost({**both, "cache_audio_read_tokens": 5}, None)
    assert cost is not None
    assert cost.usd == (75 * 4 + 5 * 1 + 15 * 32 + 5 * 2) / 1e6
    assert cost.saved_usd == (5 * 3 + 5 * 30) / 1e6


def test_a_size_that_is_not_known_prices_nothing(table: Table) -> None:
    """Tiers go by input: cached input without input says that there was some, not how much."""
    prices = listed.ModelPrice(output_mtok=listed.TieredPrices(base=Decimal(1), tiers=[listed.Tier(10, Decimal(2))]))
    rates = Rates(Model("m", "m", _prices(prices)), {}, table.units, "test")
    with pytest.raises(ValueError, match="Missing usage for input_tokens"):
        prices.calc_price(listed.Usage(cache_read_tokens=11, output_tokens=5))
    assert rates.cost({"cache_read_tokens": 11, "output_tokens": 5}, None) is None
    cost = rates.cost({"output_tokens": 5}, None)
    assert cost is not None
    assert cost.usd == float(prices.calc_price(listed.Usage(output_tokens=5))["total_price"])


def test_a_variant_needs_all_that_it_asks_for(table: Table) -> None:
    variant = [{"service_tier": "flex", "processing": "batch"}, None, {"input_tokens": "1"}]
    model = Model("m", "m", {"input_tokens": "2"}, [variant])
    for context, usd in (
        ({"service_tier": "flex"}, 2),
        ({"service_tier": "flex", "processing": "batch", "speed": "fast"}, 1),
    ):
        cost = Rates(model, context, table.units, "test").cost({"input_tokens": 1_000_000}, None)
        assert cost is not None
        assert cost.usd == usd


def test_usage_of_ever_new_shapes_is_priced_and_does_not_pile_up(table: Table) -> None:
    rates = Rates(Model("m", "m", {"input_tokens": "2"}), {}, table.units, "test")
    for number in range(300):
        cost = rates.cost({"input_tokens": 1_000_000, f"unit_{number}": 1}, None)  # type: ignore[misc]
        assert cost is not None
        assert (cost.usd, cost.unpriced) == (2, (f"unit_{number}",))
    assert len(rates._tariff(None)._plans) == 100
