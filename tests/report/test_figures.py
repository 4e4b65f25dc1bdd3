"""Numbers as people read them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellmetry.report.figures import age, count, money, seconds, size


@pytest.mark.parametrize(
    ("usd", "shown"),
    [(None, "–"), (0, "$0"), (0.000102, "$0.000102"), (0.00000831, "$0.00000831"), (1e-12, "$0.000000000001"), (0.5, "$0.50"),
     (0.05, "$0.05"), (0.1234, "$0.123"), (0.9996, "$1.00"), (1, "$1.00"), (12.345, "$12.35"), (1234567.891, "$1,234,567.89")],
)  # fmt: skip
def test_money(usd, shown):
    assert money(usd) == shown


@given(st.floats(1e-15, 1e9))
def test_money_that_was_spent_is_never_nothing(usd):
    shown = money(usd)
    assert float(shown.strip("$").replace(",", "")) == pytest.approx(usd, rel=0.006)
    assert re.search("[1-9]", shown)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (999, "999"), (9999, "9,999"), (10_000, "10.0k"), (57_728, "57.7k"), (123_456, "123k"), (2_500_000, "2.50M"), (3e9, "3.00G")],
)
def test_counts(number, shown):
    assert count(number) == shown


@pytest.mark.parametrize(
    ("time_s", "shown"),
    [(None, "–"), (0, "0ms"), (0.0004, "0.4ms"), (0.0121, "12ms"), (0.9991, "999ms"), (0.9999, "1.00s"), (2.345, "2.35s"), (42.42, "42.4s"), (150, "2.5m")],
)  # fmt: skip
def test_seconds(time_s, shown):
    assert seconds(time_s) == shown


def test_sizes_and_ages():
    assert [size(one) for one in (0, 1023, 1024, 5 * 2**20, 3 * 2**30)] == ["0 bytes", "1023 bytes", "1.0 KiB", "5.0 MiB", "3.0 GiB"]
    assert [age(one) for one in (-3, 59, 119, 600, 7300, 200_000)] == ["0 seconds", "59 seconds", "119 seconds", "10 minutes", "2 hours", "2 days"]
