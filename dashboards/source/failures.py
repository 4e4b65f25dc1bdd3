"""Failures: what fails, at whose side, how hard we retry, and what was cut short, refused or abandoned."""

from __future__ import annotations

from dashboards.source import records, uids, ways
from dashboards.source.alike import failed_by_type, failed_share
from dashboards.source.board import Board, Row
from dashboards.source.grammar import Query, colour
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, FAILED, NOW, REFUSED, TRUNCATED, any_of, by
from dashboards.source.shapes import Column, about, series, stat, table, traces
from dashboards.source.ways import legend

from tellmetry import names

_calls, _sent = BOARD.rate(names.CALLS), BOARD.rate(names.SENT)
_workflow, _side = names.WORKFLOW, (names.PROVIDER, names.REQUEST_MODEL)
_LEFT = {names.STREAM_ENDING: any_of("abandoned", "cancelled", "closed")}


FAILED_SHARE = failed_share(1, ways.to_workflow)
LIMITED = stat(
    2, "Rate limited", "Share of the requests sent that the provider answered with 429.",
    BOARD.share(names.RATE_LIMITS, names.SENT), unit="percentunit", decimals=1, limit=LIMITS.rate_limited_share,
    links=(ways.to_workflow,),
)  # fmt: skip
RETRIED = stat(
    3, "Retries per call", "Requests sent beyond the first, for each call.", f"{_sent} / ({_calls} > 0) - 1",
    unit="percentunit", decimals=1, limit=LIMITS.retry_share, links=(ways.to_workflow,),
)  # fmt: skip
CUT = stat(
    4, "Cut short", "Share of answers that ended because a token limit was reached: half an answer, often half a JSON.",
    BOARD.share(names.FINISHES, names.FINISHES, where=TRUNCATED), unit="percentunit", decimals=1, links=(ways.to_workflow,),
)  # fmt: skip
NOT_GIVEN = stat(
    5, "Refused", "Share of answers that the model refused or a provider's filter took away.",
    BOARD.share(names.FINISHES, names.FINISHES, where=REFUSED), unit="percentunit", decimals=1, links=(ways.to_quality,),
)  # fmt: skip
LEFT = stat(
    6, "Streams left early", "Share of streamed answers that the app closed, cancelled or abandoned before their end.",
    BOARD.share(names.STREAMS, names.STREAMS, where=_LEFT), unit="percentunit", decimals=1, links=(ways.to_workflow,),
    empty="No streamed call in this time range",
)  # fmt: skip

BY_TYPE = failed_by_type(7, ways.to_workflow)
BY_WORKFLOW = series(
    8, "Failed share by workflow", "Share of failed calls. The line is where, by the default objective, the failure spike "
    "alert pages; contracts move it for their workflow.",
    Query(expr=BOARD.share(names.CALLS, names.CALLS, _workflow, where=FAILED), legend=legend(_workflow)),
    unit="percentunit", limit=LIMITS.spike_failure_share, links=(ways.this_workflow,),
)  # fmt: skip
BURN = series(
    9, "Failed share over six hours", "The slow fire: six hours at a time, from recorded minutes. The line is where, by the "
    "default objective, the slow-burn alert opens a ticket.",
    Query(
        expr=f"sum by ({by(_workflow)}) (sum_over_time({BOARD.select(records.FAILURES)}[6h])) "
        f"/ (sum by ({by(_workflow)}) (sum_over_time({BOARD.select(records.CALLS)}[6h])) > 0)", legend=legend(_workflow),
    ), unit="percentunit", limit=LIMITS.slow_failure_share, links=(ways.this_workflow,),
    empty="Nothing recorded yet: the rules of rules/llm.yaml record it",
)  # fmt: skip
SIDES = table(
    10, "Providers and models now", "At whose side it fails, the last five minutes.",
    {names.label(names.PROVIDER): "Provider", names.label(names.REQUEST_MODEL): "Model"},
    (
        Column(
            title="Failed", unit="percentunit", decimals=2, limit=LIMITS.spike_failure_share,
            expr=NOW.share(names.CALLS, names.CALLS, *_side, where=FAILED),
        ),
        Column(title="Calls/s", expr=NOW.rate(names.CALLS, *_side), unit="cps", decimals=2, gauge=True),
        Column(
            title="Rate limited", unit="percentunit", decimals=1, limit=LIMITS.rate_limited_share,
            expr=NOW.share(names.RATE_LIMITS, names.SENT, *_side),
        ),
        Column(
            title="Retries per call", unit="percentunit", decimals=1, limit=LIMITS.retry_share,
            expr=f"{NOW.rate(names.SENT, *_side)} / ({NOW.rate(names.CALLS, *_side)} > 0) - 1",
        ),
        Column(title="Answer p95", expr=NOW.quantile(0.95, names.LATENCY, *_side), unit="s", decimals=2, limit=LIMITS.call_p95_s),
    ),
    key_link=ways.to_workflow, width=12, height=8,
)  # fmt: skip

PRESSURE = series(
    11, "Rate limited by model", "Share of the requests sent that were answered with 429. The line is the limit of the "
    "rate-limit alert.",
    Query(expr=BOARD.share(names.RATE_LIMITS, names.SENT, *_side), legend=legend(*_side)),
    unit="percentunit", limit=LIMITS.rate_limited_share, links=(ways.this_model,), empty="No request was counted",
)  # fmt: skip
STORM = series(
    12, "Retries per call by workflow", "Requests beyond the first, for each call. The line is the limit of the retry storm "
    "alert.",
    Query(
        expr=f"{BOARD.rate(names.SENT, _workflow)} / ({BOARD.rate(names.CALLS, _workflow)} > 0) - 1", legend=legend(_workflow)
    ), unit="percentunit", limit=LIMITS.retry_share, links=(ways.this_workflow,),
)  # fmt: skip
WAITING = series(
    13, "Time lost to waiting", "Seconds spent between attempts in each second: 2 means that two callers, on average, stand "
    "and wait.", Query(expr=BOARD.rate(names.RETRY_WAIT, _workflow), legend=legend(_workflow)),
    unit="short", links=(ways.this_workflow,), empty="Nobody waited between attempts", width=8,
)  # fmt: skip
TIME = series(
    14, "Answer time, p95 of failed and answered", "Failures that take long are timeouts; those that are quick are refusals. "
    "The line is the limit of the slow-answer alert. A dot is one kept call.",
    Query(expr=BOARD.quantile(0.95, names.LATENCY, where=FAILED), legend="failed"),
    Query(expr=BOARD.quantile(0.95, names.LATENCY, where={names.ERROR_TYPE: f'="{names.NO_VALUE}"'}), legend="answered"),
    ways.EXEMPLARS, overrides=(colour("failed", "red"), colour("answered", "green"), ways.EXEMPLARS_ONLY), unit="s",
    limit=LIMITS.call_p95_s, links=(ways.to_workflow,), width=16,
)  # fmt: skip

FINISHES = series(
    15, "Cut short and refused by model", "Share of answers by how they ended badly.",
    Query(expr=BOARD.share(names.FINISHES, names.FINISHES, names.REQUEST_MODEL, where=TRUNCATED), legend=f"cut short {legend(names.REQUEST_MODEL)}"),
    Query(expr=BOARD.share(names.FINISHES, names.FINISHES, names.REQUEST_MODEL, where=REFUSED), legend=f"refused {legend(names.REQUEST_MODEL)}"),
    unit="percentunit", links=(ways.this_model,), width=8,
)  # fmt: skip
ENDINGS = series(
    16, "Streams by ending", "Streamed answers per second by how they ended.",
    Query(expr=BOARD.rate(names.STREAMS, names.STREAM_ENDING), legend=legend(names.STREAM_ENDING)), unit="cps", stacked=True,
    overrides=(
        colour("completed", "green"), colour("closed", "blue"), colour("abandoned", "orange"), colour("cancelled", "yellow"),
        colour("failed", "red"),
    ), links=(ways.to_workflow,), empty="No streamed call in this time range", width=8,
)  # fmt: skip
AROUND = series(
    17, "Failing tools and retrievals", "What fails beside the models, per second.",
    Query(expr=BOARD.rate(names.TOOL_CALLS, names.TOOL_NAME, where=FAILED), legend=f"tool {legend(names.TOOL_NAME)}"),
    Query(expr=BOARD.rate(names.RETRIEVALS, names.DATA_SOURCE, where=FAILED), legend=f"retrieval {legend(names.DATA_SOURCE)}"),
    unit="cps", links=(ways.to_quality,), empty="No tool or retrieval failed", width=8,
)  # fmt: skip
NEWEST = traces(
    18, "Newest failing traces", "Every failed call's trace is kept. Click a trace id for its spans.",
    ways.traceql(
        f"span.{names.OPERATION} != nil && status = error", names.WORKFLOW, names.REQUEST_MODEL, names.ERROR_TYPE,
        names.HTTP_STATUS, names.ATTEMPTS, workflow=False,
    ), width=16,
)  # fmt: skip
ABOUT = about(
    19,
    "**Whose side?** One provider red in the table: theirs. All red: ours, or the network. **Since when?** Look for a deploy "
    "or prompt-version mark at the edge. **Which one?** The list of traces. Source: `dashboards/source/failures.py`; "
    "alerts: `dashboards/runbook.md`.", width=8, height=9,
)  # fmt: skip

FAILURES = Board(
    uid=uids.FAILURES, title="LLM failures", says="What fails, at whose side, how hard we retry, and what ended too early.",
    rows=(
        Row(0, "", (FAILED_SHARE, LIMITED, RETRIED, CUT, NOT_GIVEN, LEFT, BY_TYPE, BY_WORKFLOW, BURN, SIDES)),
        Row(101, "Providers: limits, retries, time", (PRESSURE, STORM, WAITING, TIME)),
        Row(102, "Endings and traces", (FINISHES, ENDINGS, AROUND, NEWEST, ABOUT)),
    ),
)  # fmt: skip
