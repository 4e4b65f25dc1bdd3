"""Overview: is it bad, for whom, since when."""

from __future__ import annotations

from dashboards.source import uids, ways
from dashboards.source.alike import failed_by_type, failed_share
from dashboards.source.board import Board, Row
from dashboards.source.grammar import Query, colour
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, FAILED, NOW, by, equals, ratio
from dashboards.source.shapes import Column, about, bars, series, stat, table, traces
from dashboards.source.ways import DOLLARS_PER_HOUR, legend

from tellmetry import names

_calls = BOARD.rate(names.CALLS)
_who = (names.WORKFLOW, names.OWNER)
_calls_of_who = NOW.rate(names.CALLS, *_who)

FIRING = stat(
    1, "Alerts firing", "LLM alerts that fire right now, of all workflows. The table below says since when and whose.",
    f"count({ways.FIRING}) or vector(0)", decimals=0, limit=1, links=(ways.to_failures,),
)  # fmt: skip
RATE = stat(
    2, "Calls per second", "Calls to models, failed ones included, each counted once however deep the stack above it.",
    _calls, unit="cps", decimals=2, links=(ways.to_workflow,),
)  # fmt: skip
FAILED_SHARE = failed_share(
    3, ways.to_failures, " Red where, by the default objective, the failure spike alert would page; a contract's own "
    "objective moves that line for its workflow.",
)  # fmt: skip
SPEND = stat(
    4, "Dollars per hour", "What calls cost at the present rate, by list price or your own. Calls without a known price "
    "are not in it: see Unpriced calls.", BOARD.rate(names.COST) + DOLLARS_PER_HOUR, unit="currencyUSD", decimals=2,
    links=(ways.to_cost,),
)  # fmt: skip
LATENCY = stat(
    5, "Answer time, p95", "Time from the call to its whole answer, retries included, that 95 of 100 calls stay under.",
    BOARD.quantile(0.95, names.LATENCY), unit="s", decimals=2, limit=LIMITS.call_p95_s, links=(ways.to_workflow,),
)  # fmt: skip
FIRST_CHUNK = stat(
    6, "First chunk, p95", "Time to the first chunk of a streamed answer, which is what a waiting person feels.",
    BOARD.quantile(0.95, names.FIRST_CHUNK), unit="s", decimals=2, limit=LIMITS.first_chunk_p95_s,
    links=(ways.to_workflow,), empty="No streamed call",
)  # fmt: skip

FLEET = table(
    7, "Workflows now", "One line for each workflow, the busiest first; `none` is what runs outside any workflow. The last "
    "five minutes. Click a name for its own board, a number for the board that explains it.",
    {names.label(names.WORKFLOW): "Workflow", names.label(names.OWNER): "Owner"},
    (
        Column(title="Calls/s", expr=_calls_of_who, unit="cps", decimals=2, gauge=True),
        Column(
            title="Failed", unit="percentunit", decimals=2, limit=LIMITS.spike_failure_share,
            expr=NOW.share(names.CALLS, names.CALLS, *_who, where=FAILED), link=ways.row_failures,
        ),
        Column(
            title="Answer p95", expr=NOW.quantile(0.95, names.LATENCY, *_who), unit="s", decimals=2,
            limit=LIMITS.call_p95_s, link=ways.row_workflow,
        ),
        Column(
            title="First chunk p95", expr=NOW.quantile(0.95, names.FIRST_CHUNK, *_who), unit="s", decimals=2,
            limit=LIMITS.first_chunk_p95_s, link=ways.row_workflow,
        ),
        Column(
            title="$ per hour", expr=NOW.rate(names.COST, *_who) + DOLLARS_PER_HOUR, unit="currencyUSD", decimals=2,
            link=ways.row_cost,
        ),
        Column(
            title="Retries per call", unit="percentunit", decimals=1, limit=LIMITS.retry_share,
            expr=f"{NOW.rate(names.SENT, *_who)} / ({_calls_of_who} > 0) - 1", link=ways.row_failures,
        ),
    ),
    key_link=ways.row_workflow,
)  # fmt: skip

SINCE = table(
    8, "Firing alerts", "What fires, whose it is and since when its condition holds.",
    {"alertname": "Alert", names.label(names.WORKFLOW): "Workflow", "owner": "Owner", "severity": "Severity"},
    (
        Column(
            title="Since", unit="dateTimeFromNow", expr=f"max by (alertname, {by(names.WORKFLOW)}, owner, severity) "
            f"({ways.SINCE} and ignoring (alertstate) {ways.FIRING}) * 1000",
        ),
    ),
    key_link=ways.row_workflow, width=10, empty="No alert fires",
)  # fmt: skip
NEWEST = traces(
    9, "Newest failing traces", "Traces with a failed model call, straight from Tempo: errors are always kept, whatever "
    "the sampling. Click a trace id for its spans.",
    ways.traceql(
        f"span.{names.OPERATION} != nil && status = error", names.WORKFLOW, names.REQUEST_MODEL, names.ERROR_TYPE,
        workflow=False,
    ), width=14,
)  # fmt: skip

COST = series(
    10, "Cost by model", "Dollars per hour, on top of each other.",
    Query(expr=BOARD.rate(names.COST, names.REQUEST_MODEL) + DOLLARS_PER_HOUR, legend=legend(names.REQUEST_MODEL)),
    unit="currencyUSD", stacked=True, links=(ways.this_model, ways.to_cost),
)  # fmt: skip
ERRORS = failed_by_type(11, ways.to_failures)
TOKENS = series(
    12, "Tokens per second", "Cached ones are part of the input, reasoning is part of the output.",
    Query(expr=BOARD.rate(names.IN_TOKENS), legend="input"),
    Query(expr=BOARD.rate(names.CACHED_TOKENS), legend="input, cached"),
    Query(expr=BOARD.rate(names.OUT_TOKENS), legend="output"),
    overrides=(colour("input", "blue"), colour("input, cached", "super-light-blue"), colour("output", "orange")),
    links=(ways.to_workflow,),
)  # fmt: skip
SPEED = series(
    13, "Answer time and first chunk", "p95 of the whole answer and of the first chunk. A dot is one kept call: click it "
    "for its trace. The line is the limit of the slow-answer alert.",
    Query(expr=BOARD.quantile(0.95, names.LATENCY), legend="answer p95"),
    Query(expr=BOARD.quantile(0.95, names.FIRST_CHUNK), legend="first chunk p95"), ways.EXEMPLARS,
    unit="s", limit=LIMITS.call_p95_s, overrides=(ways.EXEMPLARS_ONLY,), links=(ways.to_workflow,),
)  # fmt: skip

BLOCKED = bars(
    14, "Guardrail blocks", "Checks that blocked, by guardrail, over the time range.",
    BOARD.increase(names.GUARDRAILS, names.GUARDRAIL_NAME, where={names.GUARDRAIL_OUTCOME: equals("block")}),
    legend(names.GUARDRAIL_NAME), width=6, decimals=0, empty="No guardrail blocked", links=(ways.to_quality,),
)  # fmt: skip
EMPTY = bars(
    15, "Empty retrievals", "Share of retrievals that found nothing, by knowledge source, over the time range.",
    ratio(
        BOARD.increase(names.EMPTY_RETRIEVALS, names.DATA_SOURCE), BOARD.increase(names.RETRIEVALS, names.DATA_SOURCE)
    ), legend(names.DATA_SOURCE), width=6, unit="percentunit", limit=LIMITS.empty_retrieval_share,
    empty="No retrieval in this time range", links=(ways.to_quality,),
)  # fmt: skip
RETRIES = series(
    16, "Retries per call", "Requests sent beyond the first, for each call. The line is the limit of the retry storm alert.",
    Query(expr=f"{BOARD.rate(names.SENT)} / ({_calls} > 0) - 1", legend="retries per call"),
    unit="percentunit", width=6, limit=LIMITS.retry_share, links=(ways.to_failures,),
)  # fmt: skip
UNPRICED = bars(
    17, "Unpriced calls", "Calls to models without a known price, over the time range: they cost money that no panel "
    "shows. Add the model to your price file.", BOARD.increase(names.UNPRICED_CALLS, names.REQUEST_MODEL),
    legend(names.REQUEST_MODEL), width=6, decimals=0, limit=1, empty="Every call has a price", links=(ways.to_cost,),
)  # fmt: skip

ABOUT = about(
    18,
    "**Read from the top**: is it bad (stats), for whom (workflows), since when (firing alerts); then follow a link. "
    "Numbers come from spans, counted once in the Collector before any sampling. Source: `dashboards/source/overview.py`; "
    "what to do about an alert: `dashboards/runbook.md`. Whom to ask: the owner in the table.",
    height=3,
)  # fmt: skip

OVERVIEW = Board(
    uid=uids.OVERVIEW, title="LLM overview", says="Is it bad, for whom, since when: every workflow on one page.",
    rows=(
        Row(0, "", (FIRING, RATE, FAILED_SHARE, SPEND, LATENCY, FIRST_CHUNK, FLEET, SINCE, NEWEST)),
        Row(101, "Money, errors, tokens, speed", (COST, ERRORS, TOKENS, SPEED)),
        Row(102, "Quality and waste", (BLOCKED, EMPTY, RETRIES, UNPRICED, ABOUT)),
    ),
)  # fmt: skip
