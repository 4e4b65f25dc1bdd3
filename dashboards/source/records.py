"""Recording rules: the layer between raw metrics and alerts, one series for each workflow, evaluated once a minute.

Long windows are sums of these minutes, so a month of history costs one sample a minute and survives a Collector restart.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.source.limits import LIMITS
from dashboards.source.query import FAILED, PLACE, RULE, WHO, Where, by, equals

from tellmetry import names

INTERVAL_S = 60
WEEK_H = 168
CALL = (*WHO, names.PROVIDER, names.REQUEST_MODEL)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A series that Prometheus records from others."""

    prometheus: str
    labels: tuple[str, ...]
    expr: str


def _rate(name: str, metric: names.Metric, labels: tuple[str, ...] = WHO, where: Where | None = None) -> Recorded:
    return Recorded(f"llm:{name}:rate5m", labels, RULE.rate(metric, *labels, where=where))


def _part(name: str, whole: Recorded, metric: names.Metric, where: Where | None = None) -> Recorded:
    """Record a part of `whole` that is 0, not absent, where there is none of it."""
    part = RULE.rate(metric, *whole.labels, where=where)
    return Recorded(f"llm:{name}:rate5m", whole.labels, f"{part}\n  or 0 * {whole.prometheus}")


CALLS = _rate("calls", names.CALLS)
FAILURES = _part("failed_calls", CALLS, names.CALLS, FAILED)
COST = _rate("cost_usd", names.COST)
COST_HOUR = Recorded("llm:cost_usd:rate1h", WHO, RULE.rate(names.COST, *WHO, window="1h"))


def _earlier_weeks(series: Recorded, weeks: int = 4) -> str:
    """Give the highest average of the same hour, half of it before and half after, in the last four weeks.

    The highest, not the mean: a holiday last week must not make an ordinary day look like a spike.
    """
    each = (
        f'label_replace(avg_over_time({series.prometheus}[1h] offset {WEEK_H * week - 1}h30m), "week", "{week}", "", "")'
        for week in range(1, weeks + 1)
    )
    return f"max by ({by(*PLACE)}) (\n  " + "\n  or ".join(each) + "\n)"


# By place, not by owner: a workflow that changes hands keeps its history.
COST_USUAL = Recorded("llm:cost_usd:usual", PLACE, _earlier_weeks(COST))

# The least it did in any minute of the same hour and a half a week ago; absent where it was not at work all along.
_around = f"[90m] offset {WEEK_H - 1}h15m"
CALLS_STEADY = Recorded(
    "llm:calls:steady",
    PLACE,
    f"sum by ({by(*PLACE)}) (\n  min_over_time({CALLS.prometheus}{_around})"
    f"\n  and count_over_time({CALLS.prometheus}{_around}) >= 85\n)",
)

PROMPT = (*PLACE, names.PROMPT_NAME, names.PROMPT_VERSION)
PROMPTS = Recorded(
    "llm:prompt_version:calls:rate5m",
    PROMPT,
    RULE.rate(names.CALLS, *PROMPT, where={names.PROMPT_VERSION: f'!="{names.NO_VALUE}"'}) + " > 0",
)

ERROR_BUDGET = Recorded(
    "llm:workflow:error_budget",
    (names.WORKFLOW,),
    f"1 - max by ({by(names.WORKFLOW)}) ({names.CONTRACT_SUCCESS.prometheus})"
    f"\n  or group by ({by(names.WORKFLOW)}) ({CALLS.prometheus}) * {round(1 - LIMITS.success_target, 6)}",
)

# Quality: wholes and their bad part, so that alerts can compare a share with its own past.
GUARD = (*WHO, names.GUARDRAIL_NAME)
CHECKS = _rate("guardrails", names.GUARDRAILS, GUARD)
BLOCKS = _part("guardrail_blocks", CHECKS, names.GUARDRAILS, {names.GUARDRAIL_OUTCOME: equals("block")})
SOURCE = (*WHO, names.DATA_SOURCE)
RETRIEVALS = _rate("retrievals", names.RETRIEVALS, SOURCE)
EMPTY = _part("empty_retrievals", RETRIEVALS, names.EMPTY_RETRIEVALS)
RUNS = _rate("runs", names.RUNS)
FALLEN_BACK = _part("fallback_runs", RUNS, names.RUNS, {names.FALLBACK_REASON: f'!="{names.NO_VALUE}"'})

REVIEW = (*WHO, names.REVIEW_NAME)
OPENED = _rate("reviews_opened", names.REVIEWS, REVIEW, {names.REVIEW_STATE: equals("requested")})
DECIDED = _part("reviews_decided", OPENED, names.REVIEWS, {names.REVIEW_STATE: '!="requested"'})

MINUTES: tuple[Recorded, ...] = (
    CALLS, FAILURES, COST, COST_HOUR, COST_USUAL, CALLS_STEADY, PROMPTS, ERROR_BUDGET, CHECKS, BLOCKS, RETRIEVALS, EMPTY,
    RUNS, FALLEN_BACK, OPENED, DECIDED,
)  # fmt: skip

# ---- what looks back over a day or more, every other minute ----------------------------------------------------------
SLOW_INTERVAL_S = 120
DAY_S = 86_400


def _on_days(parity: int) -> str:
    """Hold at the times of even (0) or odd (1) UTC days."""
    return f"on () (floor(vector(time() / {DAY_S})) % 2 == {parity})"


def _of_same_day(offset: str, *, other: bool) -> str:
    """Add up the last 24 hours, but of one UTC day only: an even day's minutes on even days, an odd one's on odd days.

    A 24-hour window touches two days and their parity tells them apart, so a day starts from zero without a query that
    knows the date. `other` takes the day's opposite: an odd number of days ago.
    """
    days = (
        f"(sum_over_time(({COST.prometheus} and {_on_days(1 - now if other else now)})[1d:2m]{offset}) * {SLOW_INTERVAL_S}"
        f" and {_on_days(now)})"
        for now in (0, 1)
    )
    return "\n  or ".join(days)


COST_TODAY = Recorded("llm:cost_usd:today", WHO, _of_same_day("", other=False))
# The 24 hours that began a week ago, as far as they were the same day: the rest of this day, if it is like that one.
COST_REST = Recorded(
    "llm:cost_usd:rest_of_day",
    PLACE,
    f"sum by ({by(*PLACE)}) (\n  {_of_same_day(' offset 6d', other=True)}\n)\n"
    f"or sum by ({by(*PLACE)}) ({COST_HOUR.prometheus}) * ({DAY_S} - time() % {DAY_S})",
)
BACKLOG = Recorded(
    "llm:reviews:backlog",
    REVIEW,
    f"clamp_min(round({INTERVAL_S} * (sum_over_time({OPENED.prometheus}[14d]) - sum_over_time({DECIDED.prometheus}[14d]))), 0)",
)

DAYS: tuple[Recorded, ...] = (COST_TODAY, COST_REST, BACKLOG)
RECORDS: tuple[Recorded, ...] = (*MINUTES, *DAYS)
