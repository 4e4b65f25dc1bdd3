"""Cost and budget: today, this month and what it will be; by team, workflow, model and prompt version; what is wasted."""

from __future__ import annotations

from dashboards.source import records, uids, ways
from dashboards.source.board import Board, Row
from dashboards.source.grammar import Query
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, PLACE, by
from dashboards.source.records import DAY_S, INTERVAL_S
from dashboards.source.shapes import Column, about, bars, series, stat, table, traces
from dashboards.source.ways import DOLLARS_PER_HOUR, HOUR_S, legend

from tellmetry import names

_cost = BOARD.select(records.COST)
_usual = BOARD.select(records.COST_USUAL)
_today, _rest = BOARD.select(records.COST_TODAY), BOARD.select(records.COST_REST)
_budget = BOARD.select(names.CONTRACT_DAILY_BUDGET)
_workflow = names.WORKFLOW
_by_workflow = f"by ({by(_workflow)})"
_month = f"sum(sum_over_time({_cost}[$__range])) * {INTERVAL_S}"
_left_of_month = f"(scalar(days_in_month() - day_of_month() + 1) * {DAY_S} - time() % {DAY_S})"
_forecast = f"(sum {_by_workflow} ({_today}) + (sum {_by_workflow} ({_rest}) or 0 * sum {_by_workflow} ({_today})))"
_FALLEN = {names.FALLBACK_FROM: f'!="{names.NO_VALUE}"'}

TODAY = stat(
    1, "Today", "Dollars spent since midnight UTC, of what the variables choose.", f"sum({_today})", unit="currencyUSD",
    decimals=2, links=(ways.to_workflow,),
)  # fmt: skip
MONTH = stat(
    2, "This month", "Dollars since the first of the month, from recorded minutes. The month is your browser's, whatever "
    "the time range above.", _month, unit="currencyUSD", decimals=2, instant=True, time_from="now/M",
    links=(ways.to_workflow,),
)  # fmt: skip
MONTH_END = stat(
    3, "Month's end, forecast", "This month so far, and the rest of it at the average of the last seven days.",
    f"{_month} + sum(sum_over_time({_cost}[7d])) * {INTERVAL_S} / {7 * DAY_S} * {_left_of_month}",
    unit="currencyUSD", decimals=0, instant=True, time_from="now/M", links=(ways.to_workflow,),
)  # fmt: skip
BUDGET_USED = stat(
    4, "Budgets used, worst", "The largest share of a daily budget that any workflow has spent today. Red is spent.",
    f"max(sum {_by_workflow} ({_today}) / max {_by_workflow} ({_budget}))", unit="percentunit", decimals=0,
    limit=LIMITS.budget_share, links=(ways.to_workflow,), empty="No workflow has a budget",
)  # fmt: skip
SAVED = stat(
    5, "Saved by caches", "Dollars that cached input saved against the full input price, over the time range.",
    BOARD.increase(names.SAVED), unit="currencyUSD", decimals=2, instant=True, links=(ways.to_workflow,),
    empty="No cached input",
)  # fmt: skip
UNPRICED = stat(
    6, "Unpriced calls", "Calls to models without a known price, over the time range: their cost is in no panel here.",
    BOARD.increase(names.UNPRICED_CALLS), decimals=0, instant=True, limit=1, links=(ways.to_failures,),
    empty="Every call has a price",
)  # fmt: skip

BUDGETS = table(
    7, "Budgets today", "Each workflow with a budget in its contract: spent since midnight UTC, and what the day will cost "
    "if its rest is like the same day last week or like yesterday, whichever was cheaper.",
    {names.label(_workflow): "Workflow"},
    (
        Column(
            title="Used", expr=f"sum {_by_workflow} ({_today}) / max {_by_workflow} ({_budget})", unit="percentunit",
            decimals=0, limit=LIMITS.budget_share, link=ways.row_workflow,
        ),
        Column(title="Spent", expr=f"sum {_by_workflow} ({_today})", unit="currencyUSD", decimals=2),
        Column(title="Budget", expr=f"max {_by_workflow} ({_budget})", unit="currencyUSD", decimals=2),
        Column(title="Day's end, forecast", expr=_forecast, unit="currencyUSD", decimals=2),
    ),
    key_link=ways.row_workflow, width=12, height=8, empty="No workflow spent anything today",
)  # fmt: skip
USED = series(
    8, "Budget used by workflow", "Share of the daily budget spent since midnight UTC. The line is the whole budget, where "
    "its alert fires.",
    Query(expr=f"sum {_by_workflow} ({_today}) / max {_by_workflow} ({_budget})", legend=legend(_workflow)),
    unit="percentunit", limit=LIMITS.budget_share, links=(ways.this_workflow,), empty="No workflow has a budget",
)  # fmt: skip
SPENDING = series(
    9, "Now against the usual", "Dollars per hour, and what this time of day usually costs. The cost spike "
    f"alert fires at {LIMITS.cost_factor:g} times the usual.",
    Query(expr=f"sum {_by_workflow} ({_cost})" + DOLLARS_PER_HOUR, legend=legend(_workflow)),
    Query(expr=f"sum {_by_workflow} ({_usual})" + DOLLARS_PER_HOUR, legend=f"usual {legend(_workflow)}"),
    unit="currencyUSD", links=(ways.this_workflow,),
)  # fmt: skip
NEW = series(
    10, "Spending without a history", "Dollars per hour of workflows that have no three days behind them to compare with. The line is "
    "where their alert fires.",
    Query(expr=f"sum {_by_workflow} ({_cost} unless on ({by(*PLACE)}) {_usual})" + DOLLARS_PER_HOUR, legend=legend(_workflow)),
    unit="currencyUSD", limit=LIMITS.new_cost_usd_per_hour, links=(ways.this_workflow,),
    empty="Every workflow has a history",
)  # fmt: skip

BY_TEAM = bars(
    11, "By owner", "Dollars over the time range.", BOARD.increase(names.COST, names.OWNER), legend(names.OWNER),
    unit="currencyUSD", decimals=2, links=(ways.to_overview,),
)  # fmt: skip
BY_MODEL = bars(
    12, "By model", "Dollars over the time range.", BOARD.increase(names.COST, names.REQUEST_MODEL),
    legend(names.REQUEST_MODEL), unit="currencyUSD", decimals=2, links=(ways.this_model,),
)  # fmt: skip
BY_VERSION = bars(
    13, "By prompt version", "Dollars over the time range.",
    BOARD.increase(names.COST, names.PROMPT_NAME, names.PROMPT_VERSION), legend(names.PROMPT_NAME, names.PROMPT_VERSION),
    unit="currencyUSD", decimals=2, links=(ways.to_workflow,),
)  # fmt: skip
PER_CALL = series(
    14, "Dollars per call", "What one call costs on average, two hours at a time. It does not move with traffic: a step is a "
    "new model, a longer prompt or a lost cache. The drift alert compares it with earlier weeks.",
    Query(
        expr=f"sum {_by_workflow} (sum_over_time({_cost}[2h])) "
        f"/ (sum {_by_workflow} (sum_over_time({BOARD.select(records.CALLS)}[2h])) > 0)", legend=legend(_workflow),
    ), unit="currencyUSD", decimals=5, links=(ways.this_workflow,),
    empty="Nothing recorded yet: the rules of rules/llm.yaml record it",
)  # fmt: skip
PER_RUN = series(
    15, "Dollars per run", "What one run costs on average, and the most that its contract allows.",
    Query(
        expr=f"{BOARD.rate(names.COST, _workflow)} / ({BOARD.rate(names.RUNS, _workflow)} > 0)", legend=legend(_workflow),
    ),
    Query(
        expr=f"max {_by_workflow} ({BOARD.select(names.CONTRACT_MAX_COST)})", legend=f"limit of {legend(_workflow)}"
    ), unit="currencyUSD", decimals=4, links=(ways.this_workflow,), empty="No run in this time range",
)  # fmt: skip

CACHE = series(
    16, "Saved by caches", "Dollars per hour that cached input saved, by model. A fall without a fall in traffic is a lost "
    "cache: look for something new at the start of the prompt.",
    Query(expr=BOARD.rate(names.SAVED, names.REQUEST_MODEL) + DOLLARS_PER_HOUR, legend=legend(names.REQUEST_MODEL)),
    unit="currencyUSD", stacked=True, links=(ways.this_model,), empty="No cached input", width=8,
)  # fmt: skip
WASTE = series(
    17, "Fallbacks and broken streams", "Dollars per hour spent because a first path failed, and on answers whose stream "
    "broke, estimated. Failed requests are not billed; retries cost time, see Failures.",
    Query(expr=BOARD.rate(names.COST, where=_FALLEN) + DOLLARS_PER_HOUR, legend="fallback paths"),
    Query(expr=BOARD.rate(names.COST, where={names.USAGE_ESTIMATED: '="true"'}) + DOLLARS_PER_HOUR, legend="broken streams"),
    unit="currencyUSD", links=(ways.to_failures,), empty="Nothing of the kind", width=8,
)  # fmt: skip
MISSING = bars(
    18, "Unpriced calls by model", "Calls without a known price over the time range. Add each model to your price file.",
    BOARD.increase(names.UNPRICED_CALLS, names.PROVIDER, names.REQUEST_MODEL), legend(names.PROVIDER, names.REQUEST_MODEL),
    decimals=0, limit=1, empty="Every call has a price", links=(ways.this_model,),
)  # fmt: skip
DEAREST = traces(
    19, "Dear calls", "Traces with a call that cost more than a quarter of a dollar; these are always kept.",
    ways.traceql(f"span.{names.COST_USD} > 0.25", names.WORKFLOW, names.REQUEST_MODEL, names.COST_USD, workflow=False),
    width=16, height=8,
)  # fmt: skip
ABOUT = about(
    20,
    "Costs are computed on each call by list price, your price file or the provider's own figure, and equal its invoice "
    f"formula. A day is a UTC day; per hour means the present rate times {HOUR_S} seconds. Budgets come from "
    "`tellmetry.toml`. Source: `dashboards/source/cost.py`; alerts: `dashboards/runbook.md`.", width=8, height=8,
)  # fmt: skip

COST = Board(
    uid=uids.COST, title="LLM cost and budget", says="Today, this month, the forecast; who spends it, on what, and what is wasted.",
    rows=(
        Row(0, "", (TODAY, MONTH, MONTH_END, BUDGET_USED, SAVED, UNPRICED, BUDGETS, USED, SPENDING, NEW)),
        Row(101, "By owner, model and prompt version", (BY_TEAM, BY_MODEL, BY_VERSION, PER_CALL, PER_RUN)),
        Row(102, "Savings and waste", (CACHE, WASTE, MISSING, DEAREST, ABOUT)),
    ),
    span="now-24h",
)  # fmt: skip
