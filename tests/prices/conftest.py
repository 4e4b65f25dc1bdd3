"""What the price tests share: the installed list as our table, and a clean module."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tellmetry import prices
from tellmetry.prices.compile import render
from tellmetry.prices.table import Table, shipped


@pytest.fixture(scope="session")
def table() -> Table:
    """Give the shipped table, or the installed list's where that is another one."""
    own = shipped()
    return own if own.version == version("genai-prices") else Table(render())


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, table: Table) -> None:
    """Give each test its own module state, so that none prices with another's file."""
    monkeypatch.setattr(prices, "_table", table)
    monkeypatch.setattr(prices, "_entries", ())
    monkeypatch.setattr(prices, "_book", None)
