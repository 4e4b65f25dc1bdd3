"""Recording rules: the layer between raw metrics and alerts, one series for each workflow, evaluated once a minute.

Long windows are sums of these minutes, so a month of history costs one sample a minute and survives a Collector restart.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.source.limits import LIMITS
from dashboards.source.query import BY_FALLBACK, FAILED, PLACE, RULE, WHO, Reader, Where, by, equals

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
COST_QUARTER = Recorded("llm:cost_usd:rate15m", WHO, RULE.rate(names.COST, *WHO, window="15m"))
COST_HOUR = Recorded("llm:cost_usd:rate1h", WHO, RULE.rate(names.COST, *WHO, window="1h"))
EARLIER_DAYS = (*range(1, 8), 14, 21, 28)
LONG_AGO = (3, 7, 14, 21)


def _earlier_days(series: Recorded) -> str:
    """Give what this time of day costs: the highest quarter hours around it, of the last seven days and three weeks before.

    Around is from an hour and a half before, which is as far as the last hour reaches, to half an hour after: a job that
    begins a little earlier than yesterday is no spike. Of these days one of the higher counts: not the mean, since a
    weekend or an outage must not make an ordinary day look like a spike, nor the highest, which may have been one. Two
    days are no habit yet, and days without spending say nothing.
    """
    def days(which: tuple[int, ...]) -> str:
        return "\n  or ".join(
            f'label_replace(max_over_time({series.prometheus}[135m] offset {24 * day - 1}h15m) > 0, "day", "{day}", "", "")'
            for day in which
        )

    place = by(*PLACE)
    return (
        f"quantile by ({place}) (0.7,\n  {days(EARLIER_DAYS)}\n)\n"
        f"and on ({place}) (\n  {days(LONG_AGO)}\n)"
    )


# By place, not by owner: a workflow that changes hands keeps its history.
COST_USUAL = Recorded("llm:cost_usd:usual", PLACE, _earlier_days(COST_QUARTER))

# The least it did in any minute of the same hour and a half a week ago; absent where it was not at work all along.
_around = f"[90m] offset {WEEK_H - 1}h15m"
CALLS_STEADY = Recorded(
    "llm:calls:steady",
    PLACE,
    f"sum by ({by(*PLACE)}) (\n  min_over_time({CALLS.prometheus}{_around})"
    f"\n  and count_over_time({CALLS.prometheus}{_around}) >= 85\n)",
)


def _slowest(name: str, metric: names.Metric) -> tuple[Recorded, Recorded]:
    """Record the time that one in twenty exceeds, over ten minutes, or over an hour where ten minutes say nothing.

    One in twenty of a hundred is five; of twenty it would be one, which is chance. The second is that of the end of this
    window: slow minutes that ended a batch are soon all that is left in it, and are over.
    """
    def slowest(measured: str, counted: str) -> str:
        return f"(\n  {Reader(measured).quantile(0.95, metric, *WHO)}\n  and {enough(counted)}\n)"

    def enough(window: str) -> str:
        return f"sum by ({by(*WHO)}) (increase({RULE.select(metric, part='_count')}[{window}])) >= {LIMITS.slowest_of}"

    now = f"{slowest('3m', '10m')}\nor\n{slowest('10m', '1h')}\nunless {enough('10m')}"
    return (
        Recorded(f"llm:{name}:p95", WHO, f"{slowest('10m', '10m')}\nor\n{slowest('1h', '1h')}"),
        Recorded(f"llm:{name}:p95_now", WHO, now),
    )


CALL_TIME = _slowest("call_seconds", names.LATENCY)
FIRST_CHUNK_TIME = _slowest("first_chunk_seconds", names.FIRST_CHUNK)
RUN_TIME = _slowest("run_seconds", names.RUN_LATENCY)

# Calls in six hours, to know how long a workflow that calls now and then may pause.
CALLS_SLOW = Recorded("llm:calls:in6h", PLACE, f"sum by ({by(*PLACE)}) (sum_over_time({CALLS.prometheus}[6h])) * {INTERVAL_S}")

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
FALLEN_BACK = _part("fallback_runs", RUNS, names.RUNS, BY_FALLBACK)

REVIEW = (*WHO, names.REVIEW_NAME)
OPENED = _rate("reviews_opened", names.REVIEWS, REVIEW, {names.REVIEW_STATE: equals("requested")})
DECIDED = _part("reviews_decided", OPENED, names.REVIEWS, {names.REVIEW_STATE: '!="requested"'})

MINUTES: tuple[Recorded, ...] = (
    CALLS, FAILURES, COST, COST_QUARTER, COST_HOUR, COST_USUAL, CALLS_STEADY, CALLS_SLOW, *CALL_TIME, *FIRST_CHUNK_TIME,
    *RUN_TIME, PROMPTS, ERROR_BUDGET, CHECKS, BLOCKS, RETRIEVALS, EMPTY, RUNS, FALLEN_BACK, OPENED, DECIDED,
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


COST_TODAY_NAME = "llm:cost_usd:today"
COST_TODAY = Recorded(COST_TODAY_NAME, WHO, _of_same_day("", other=False))


def _rest(offset: str, days: int) -> str:
    """Give the rest of this day if it goes on as an earlier one did, by as much more or less than that one so far.

    The last 24 hours, moved by `offset`, are the rest of the day `days` ago as far as they were that same day.
    """
    rest = f"sum by ({by(*PLACE)}) (\n  {_of_same_day(offset, other=days % 2 == 1)}\n)"
    now, then = (f"sum by ({by(*PLACE)}) ({COST_TODAY_NAME}{moved})" for moved in ("", f" offset {days}d"))
    return f"{rest}\n  * clamp({now} / ({then} > 0), 0.5, 2.5)"


# The lesser of two days: what went wrong on one of them does not come again.
COST_REST = Recorded(
    "llm:cost_usd:rest_of_day",
    PLACE,
    f"min by ({by(*PLACE)}) (\n"
    f'label_replace({_rest(" offset 6d", 7)}, "day", "7", "", "")\n'
    f'or label_replace({_rest("", 1)}, "day", "1", "", "")\n)\n'
    f"or sum by ({by(*PLACE)}) ({COST_HOUR.prometheus}) * ({DAY_S} - time() % {DAY_S})",
)
BACKLOG = Recorded(
    "llm:reviews:backlog",
    REVIEW,
    f"clamp_min(round({INTERVAL_S} * (sum_over_time({OPENED.prometheus}[14d]) - sum_over_time({DECIDED.prometheus}[14d]))), 0)",
)

DAYS: tuple[Recorded, ...] = (COST_TODAY, COST_REST, BACKLOG)
RECORDS: tuple[Recorded, ...] = (*MINUTES, *DAYS)
