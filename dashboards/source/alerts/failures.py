"""Failures: how fast a workflow burns the error budget of its own objective, over several windows at once."""

from __future__ import annotations

from dashboards.source import failures, records
from dashboards.source.alerts.rule import Alert, of_workflow
from dashboards.source.limits import LIMITS

_calls, _failed = records.CALLS.prometheus, records.FAILURES.prometheus
_budget = records.ERROR_BUDGET.prometheus


def _share(window: str) -> str:
    """Give the share of failed calls over a window; long ones add up the recorded minutes."""
    if window == "5m":
        return f"{_failed} / ({_calls} > 0)"
    return f"sum_over_time({_failed}[{window}]) / (sum_over_time({_calls}[{window}]) > 0)"


def _burns(window: str, times: float) -> str:
    """Say that a window burns the budget `times` too fast; an objective of 90 % must still be able to fire."""
    return of_workflow(_share(window), f"clamp_max({times:g} * {_budget}, 0.8)")


def _enough(window: str, calls: int, of: str = _calls) -> str:
    if window == "5m":
        return f"{of} * 300 >= {calls}"
    return f"sum_over_time({of}[{window}]) * {records.INTERVAL_S} >= {calls}"


def _enough_to_page(window: str) -> str:
    """Ask for failures as well as calls: of few calls, a large share may be one bad minute."""
    return f"{_enough(window, LIMITS.least_calls)}\n  and {_enough(window, LIMITS.least_failures, _failed)}"


SPIKE = Alert(
    name="LLMFailureSpike",
    expr=(
        f"(\n  {_burns('5m', LIMITS.spike_burn)}\n  and {_enough_to_page('5m')}\n)\nor\n"
        f"(\n  {_burns('1h', LIMITS.fast_burn)}\n  and {_burns('5m', LIMITS.fast_burn)}\n"
        f"  and {_enough_to_page('1h')}\n)"
    ),
    for_="1m",
    keep_firing_for="5m",
    severity="critical",
    summary="A workflow's calls fail far more often than its objective allows.",
    description="{{ .Value | humanizePercentage }} of the calls of {{ .Labels.tellmetry_workflow }} fail: the "
    f"error budget burns at least {LIMITS.fast_burn:g} times faster than its objective allows.",
    board=failures.FAILURES,
    panel=failures.BY_WORKFLOW,
    limit=LIMITS.spike_failure_share,
)

BURN = Alert(
    name="LLMFailureBurn",
    expr=f"{_burns('6h', LIMITS.slow_burn)}\n  and {_burns('30m', LIMITS.slow_burn)}\n  and {_enough('6h', 5 * LIMITS.least_calls)}"
    f"\n  and {_enough('30m', LIMITS.least_calls)}",
    for_="15m",
    keep_firing_for="15m",
    severity="warning",
    summary="A workflow's calls fail more often than its objective allows, for hours.",
    description="{{ .Value | humanizePercentage }} of the calls of {{ .Labels.tellmetry_workflow }} failed in the last six "
    f"hours: the error budget burns at least {LIMITS.slow_burn:g} times faster than its objective allows.",
    board=failures.FAILURES,
    panel=failures.BURN,
    limit=LIMITS.slow_failure_share,
    because=("LLMFailureSpike",),
)

ALERTS = (SPIKE, BURN)
