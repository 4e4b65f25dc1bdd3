"""Spans of any order become trees."""

from __future__ import annotations

from view.spans import ALL, CALLS, LATER, RUN

from tellmetry.view.traces import trees


def test_trees() -> None:
    later, run = trees(ALL)
    assert (later.span, run.span) == (LATER, RUN)
    assert [child.span for child in run.children] == CALLS
    assert (run.failed, later.failed) == (True, False)


def test_money_is_that_of_the_calls() -> None:
    """The run's own total is the same money again."""
    later, run = trees(ALL)
    assert (run.cost_usd, later.cost_usd, run.children[1].cost_usd) == (0.5, 0.25, None)


def test_nothing() -> None:
    assert trees([]) == []
