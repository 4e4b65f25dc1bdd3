"""Workflow: one workflow, service or model in full: rate, errors, duration, tokens, prompt versions, runs."""

from __future__ import annotations

from dashboards.source import records, uids, ways
from dashboards.source.alike import failed_by_type, failed_share
from dashboards.source.board import Board, Row
from dashboards.source.grammar import Query, colour
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, BY_FALLBACK, FAILED, NOW, PLACE, by, ratio
from dashboards.source.shapes import Column, about, bars, series, stat, table, traces
from dashboards.source.ways import DOLLARS_PER_HOUR, legend

from tellmetry import names

_calls = BOARD.rate(names.CALLS)
_runs = BOARD.rate(names.RUNS)
_version = (names.PROMPT_NAME, names.PROMPT_VERSION)
_made = BOARD.increase(names.CALLS, *_version)

RATE = stat(
    1, "Calls per second", "Calls to models, failed ones included.", _calls, unit="cps", decimals=2,
    links=(ways.to_overview,),
)  # fmt: skip
FAILED_SHARE = failed_share(2, ways.to_failures)
CALLS_PER_RUN = stat(
    3, "Calls per run", "Model calls for each workflow run. A number that only grows is an agent in a loop.",
    f"{_calls} / ({_runs} > 0)", decimals=1, links=(ways.to_cost,), empty="No run in this time range",
)  # fmt: skip
RUN_COST = stat(
    4, "Dollars per run", "What the calls of one run cost on average.", f"{BOARD.rate(names.COST)} / ({_runs} > 0)",
    unit="currencyUSD", decimals=4, links=(ways.to_cost,), empty="No run in this time range",
)  # fmt: skip
CACHED = stat(
    5, "Input from cache", "Share of input tokens that the provider read from its cache, at a fraction of the price.",
    BOARD.share(names.CACHED_TOKENS, names.IN_TOKENS), unit="percentunit", decimals=1,
    links=(ways.to_cost,),
)  # fmt: skip
FALLEN_BACK = stat(
    6, "Runs by fallback", "Share of runs that a fallback path finished.",
    BOARD.share(names.RUNS, names.RUNS, where=BY_FALLBACK), unit="percentunit", decimals=1, limit=LIMITS.fallback_share,
    links=(ways.to_quality,), empty="No run in this time range",
)  # fmt: skip

BY_MODEL = series(
    7, "Calls by model", "Calls per second.", Query(expr=BOARD.rate(names.CALLS, names.REQUEST_MODEL), legend=legend(names.REQUEST_MODEL)),
    unit="cps", stacked=True, links=(ways.this_model,),
)  # fmt: skip
ERRORS = failed_by_type(8, ways.to_failures)
ANSWER = series(
    9, "Answer time", "Time from the call to its whole answer, retries included. A dot is one kept call: click it for its "
    "trace. The line is the limit of the slow-answer alert.",
    Query(expr=BOARD.quantile(0.5, names.LATENCY), legend="p50"),
    Query(expr=BOARD.quantile(0.95, names.LATENCY), legend="p95"),
    Query(expr=BOARD.quantile(0.99, names.LATENCY), legend="p99"), ways.EXEMPLARS, unit="s", limit=LIMITS.call_p95_s,
    overrides=(colour("p50", "green"), colour("p95", "orange"), colour("p99", "red"), ways.EXEMPLARS_ONLY),
    links=(ways.to_failures,),
)  # fmt: skip
CHUNK = series(
    10, "First chunk, p95 by model", "Time to the first chunk of a streamed answer. The line is the limit of its alert. "
    "A dot is one kept call.",
    Query(expr=BOARD.quantile(0.95, names.FIRST_CHUNK, names.REQUEST_MODEL), legend=legend(names.REQUEST_MODEL)),
    ways.EXEMPLARS, unit="s", limit=LIMITS.first_chunk_p95_s, overrides=(ways.EXEMPLARS_ONLY,), links=(ways.this_model,),
    empty="No streamed call in this time range",
)  # fmt: skip

TOKENS = series(
    11, "Tokens per second", "Cached ones are part of the input, reasoning is part of the output.",
    Query(expr=BOARD.rate(names.IN_TOKENS), legend="input"),
    Query(expr=BOARD.rate(names.CACHED_TOKENS), legend="input, cached"),
    Query(expr=BOARD.rate(names.CACHE_WRITTEN_TOKENS), legend="input, written to cache"),
    Query(expr=BOARD.rate(names.OUT_TOKENS), legend="output"),
    Query(expr=BOARD.rate(names.THOUGHT_TOKENS), legend="output, reasoning"),
    overrides=(
        colour("input", "blue"), colour("input, cached", "super-light-blue"), colour("input, written to cache", "dark-blue"),
        colour("output", "orange"), colour("output, reasoning", "light-orange"),
    ), links=(ways.to_cost,),
)  # fmt: skip
PER_CALL = series(
    12, "Tokens per call", "Average tokens of one call. A step is a new prompt or more context: compare it with the "
    "prompt-version marks.",
    Query(expr=f"{BOARD.rate(names.IN_TOKENS)} / ({_calls} > 0)", legend="input"),
    Query(expr=f"{BOARD.rate(names.OUT_TOKENS)} / ({_calls} > 0)", legend="output"),
    overrides=(colour("input", "blue"), colour("output", "orange")), links=(ways.to_cost,),
)  # fmt: skip

VERSIONS = table(
    13, "Prompt versions side by side", "Calls over the time range by prompt version, with what they cost and how they did. "
    "`auto:` versions are fingerprints of prompts that nobody named.",
    {names.label(names.PROMPT_NAME): "Prompt", names.label(names.PROMPT_VERSION): "Version"},
    (
        Column(title="Calls", expr=_made, decimals=0, gauge=True),
        Column(
            title="Failed", expr=ratio(BOARD.increase(names.CALLS, *_version, where=FAILED), _made), unit="percentunit",
            decimals=2, limit=LIMITS.spike_failure_share, link=ways.to_failures,
        ),
        Column(
            title="$ per call", expr=f"{BOARD.increase(names.COST, *_version)} / ({_made} > 0)", unit="currencyUSD",
            decimals=5, link=ways.to_cost,
        ),
        Column(title="Input/call", expr=f"{BOARD.increase(names.IN_TOKENS, *_version)} / ({_made} > 0)", decimals=0),
        Column(title="Output/call", expr=f"{BOARD.increase(names.OUT_TOKENS, *_version)} / ({_made} > 0)", decimals=0),
        Column(
            title="Score", decimals=3, link=ways.to_quality,
            expr=f"{BOARD.increase(names.SCORES, *_version)} / ({BOARD.increase(names.EVALUATIONS, *_version)} > 0)",
        ),
    ), height=8,
)  # fmt: skip

RESULTS = series(
    14, "Runs by result", "Workflow runs per minute by business result.",
    Query(expr=BOARD.rate(names.RUNS, names.RESULT) + " * 60", legend=legend(names.RESULT)), stacked=True,
    links=(ways.to_quality,), empty="No run in this time range",
)  # fmt: skip
RUN_TIME = series(
    15, "Run time, p95", "Time of whole runs, and the longest that the workflow's contract allows.",
    Query(expr=BOARD.quantile(0.95, names.RUN_LATENCY, names.WORKFLOW), legend=legend(names.WORKFLOW)),
    Query(
        expr=f"max by ({by(names.WORKFLOW)}) ({BOARD.select(names.CONTRACT_MAX_SECONDS)})",
        legend=f"limit of {legend(names.WORKFLOW)}",
    ), unit="s", links=(ways.this_workflow,), empty="No run in this time range",
)  # fmt: skip
TOOLS = bars(
    16, "Tools", "Tool executions over the time range.", BOARD.increase(names.TOOL_CALLS, names.TOOL_NAME),
    legend(names.TOOL_NAME), decimals=0, empty="No tool was used", links=(ways.to_failures,), width=8,
)  # fmt: skip
SLOWEST = traces(
    17, "Slow runs and calls", "Traces of this workflow that took longer than the slow-answer limit.",
    ways.traceql(f"duration > {LIMITS.call_p95_s:g}s", names.OPERATION, names.REQUEST_MODEL, names.COST_USD),
    width=16, height=8,
)  # fmt: skip
PLACES = table(
    18, "Where it runs now", "The workflow by service and environment, the last five minutes.",
    {names.label(names.SERVICE_NAME): "Service", names.label(names.ENVIRONMENT): "Environment", names.label(names.WORKFLOW): "Workflow"},
    (
        Column(title="Calls/s", expr=NOW.total(records.CALLS, *PLACE), unit="cps", decimals=2, gauge=True),
        Column(
            title="$ per hour", expr=NOW.total(records.COST, *PLACE) + DOLLARS_PER_HOUR, unit="currencyUSD", decimals=2,
            link=ways.row_cost,
        ),
    ), key_link=ways.row_workflow, width=14, height=7,
)  # fmt: skip
ABOUT = about(
    19,
    "Choose a workflow or a model above; the stats then speak of it alone. **Next**: a failed share leads to Failures, a "
    "dollar to Cost, a score to Quality, a dot to its trace. Versions come from `prompt(...)`, from the SDK, or are "
    "fingerprints. Source: `dashboards/source/workflow.py`; alerts: `dashboards/runbook.md`.", width=10, height=7,
)  # fmt: skip

WORKFLOW = Board(
    uid=uids.WORKFLOW, title="LLM workflow", says="One workflow or model in full: rate, errors, duration, tokens, versions.",
    rows=(
        Row(0, "", (RATE, FAILED_SHARE, CALLS_PER_RUN, RUN_COST, CACHED, FALLEN_BACK, BY_MODEL, ERRORS, ANSWER, CHUNK)),
        Row(101, "Tokens and prompt versions", (TOKENS, PER_CALL, VERSIONS)),
        Row(102, "Runs and tools", (RESULTS, RUN_TIME, TOOLS, SLOWEST, PLACES, ABOUT)),
    ),
)  # fmt: skip
