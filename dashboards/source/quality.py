"""Quality and review: scores against target, guardrails, retrieval, fallbacks and people in the loop."""

from __future__ import annotations

from dashboards.source import records, uids, ways
from dashboards.source.board import Board, Row
from dashboards.source.grammar import Query, colour
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, BY_FALLBACK, Where, any_of, by, equals
from dashboards.source.shapes import Column, about, bars, series, stat, table, traces
from dashboards.source.ways import legend

from tellmetry import names

_workflow, _guardrail, _source = names.WORKFLOW, names.GUARDRAIL_NAME, names.DATA_SOURCE
_scored = (names.WORKFLOW, names.EVALUATION_NAME)
_version = (names.EVALUATION_NAME, names.PROMPT_NAME, names.PROMPT_VERSION)
_BLOCK: Where = {names.GUARDRAIL_OUTCOME: equals("block")}
_MANUAL: Where = {names.RESULT: any_of("manual_review", "review", "needs_review")}
_OPENED: Where = {names.REVIEW_STATE: equals("requested")}
_target = f"max by ({by(*_scored)}) ({BOARD.select(names.CONTRACT_TARGET)})"
_backlog = BOARD.select(records.BACKLOG)


def _mean(*grouping: str) -> str:
    scores, count = BOARD.increase(names.SCORES, *grouping), BOARD.increase(names.EVALUATIONS, *grouping)
    return f"{scores} / ({count} > 0)"


MISSED = stat(
    1, "Targets missed", "Evaluations whose mean over the time range is below the target of their workflow's contract.",
    f"count({_mean(*_scored)} < {_target}) or vector(0)", decimals=0, limit=1, instant=True, links=(ways.to_workflow,),
)  # fmt: skip
BLOCKED = stat(
    2, "Guardrail blocks", "Share of guardrail checks that blocked.", BOARD.share(names.GUARDRAILS, names.GUARDRAILS, where=_BLOCK),
    unit="percentunit", decimals=1, limit=LIMITS.guardrail_block_share, links=(ways.to_workflow,),
    empty="No guardrail ran",
)  # fmt: skip
EMPTY_SHARE = stat(
    3, "Empty retrievals", "Share of retrievals that found nothing: the model then answers from memory.",
    BOARD.share(names.EMPTY_RETRIEVALS, names.RETRIEVALS), unit="percentunit", decimals=1,
    limit=LIMITS.empty_retrieval_share, links=(ways.to_workflow,), empty="No retrieval",
)  # fmt: skip
FALLEN_BACK = stat(
    4, "Runs by fallback", "Share of runs that a fallback path finished.", BOARD.share(names.RUNS, names.RUNS, where=BY_FALLBACK),
    unit="percentunit", decimals=1, limit=LIMITS.fallback_share, links=(ways.to_workflow,), empty="No run",
)  # fmt: skip
MANUAL = stat(
    5, "Runs to people", "Share of runs that ended with a person: result `manual_review` or alike.",
    BOARD.share(names.RUNS, names.RUNS, where=_MANUAL), unit="percentunit", decimals=1, links=(ways.to_workflow,), empty="No run",
)  # fmt: skip
WAITING = stat(
    6, "Reviews waiting", "Reviews requested and not decided, of the last fourteen days.", f"sum({_backlog})", decimals=0,
    limit=LIMITS.review_backlog, links=(ways.to_workflow,), empty="No review was ever requested",
)  # fmt: skip

SCORES = series(
    7, "Scores against target", "Mean evaluation score, and the target of the contract that names the evaluation.",
    Query(
        expr=f"{BOARD.rate(names.SCORES, *_scored)} / ({BOARD.rate(names.EVALUATIONS, *_scored)} > 0)",
        legend=legend(*_scored),
    ),
    Query(expr=_target, legend=f"target {legend(*_scored)}"), links=(ways.this_workflow,), decimals=3, width=12,
    empty="No evaluation in this time range",
)  # fmt: skip
AGAINST = table(
    8, "Scores over the time range", "Each evaluation with its target and how many scores speak. A gap below zero counts "
    "only if there are enough of them: the alert waits until chance does not explain it.",
    {names.label(_workflow): "Workflow", names.label(names.EVALUATION_NAME): "Evaluation"},
    (
        Column(title="Scores", expr=BOARD.increase(names.EVALUATIONS, *_scored), decimals=0, gauge=True),
        Column(title="Mean", expr=_mean(*_scored), decimals=3),
        Column(title="Target", expr=_target, decimals=3),
        Column(title="Gap", expr=f"{_mean(*_scored)} - {_target}", decimals=3, limit=LIMITS.evaluation_gap, bad_below=True),
    ),
    key_link=ways.row_workflow, width=12, height=8, empty="No evaluation in this time range",
)  # fmt: skip
BY_VERSION = bars(
    9, "Mean score by prompt version", "Which version does better, over the time range.", _mean(*_version),
    legend(*_version), decimals=3, links=(ways.to_workflow,), empty="No evaluation in this time range",
)  # fmt: skip

OUTCOMES = series(
    10, "Guardrail outcomes", "Checks per second by outcome. `modify` changed the text and is not a pass.",
    Query(expr=BOARD.rate(names.GUARDRAILS, names.GUARDRAIL_OUTCOME), legend=legend(names.GUARDRAIL_OUTCOME)),
    unit="cps", stacked=True, overrides=(
        colour("pass", "green"), colour("flag", "yellow"), colour("modify", "blue"), colour("error", "purple"),
        colour("block", "red"),
    ), links=(ways.to_workflow,), empty="No guardrail ran", width=8,
)  # fmt: skip
BLOCK_SHARE = series(
    11, "Blocked share by guardrail", "Share of checks that blocked. The line is where the alert fires, if it is also a "
    "multiple of the guardrail's usual share.",
    Query(expr=BOARD.share(names.GUARDRAILS, names.GUARDRAILS, _guardrail, where=_BLOCK), legend=legend(_guardrail)),
    unit="percentunit", limit=LIMITS.guardrail_block_share, links=(ways.to_workflow,), empty="No guardrail ran", width=8,
)  # fmt: skip
REASONS = bars(
    12, "Why guardrails stepped in", "Checks that did not pass, by reason class, over the time range. The matched text is "
    "never recorded.",
    BOARD.increase(names.GUARDRAILS, _guardrail, names.GUARDRAIL_REASON, where={names.GUARDRAIL_OUTCOME: '!="pass"'}),
    legend(_guardrail, names.GUARDRAIL_REASON), decimals=0, links=(ways.to_workflow,), empty="Every check passed",
)  # fmt: skip

EMPTY_BY_SOURCE = series(
    13, "Empty retrievals by source", "Share of retrievals that found nothing. The line is where the alert fires, if it is "
    "also a multiple of the source's usual share.",
    Query(expr=BOARD.share(names.EMPTY_RETRIEVALS, names.RETRIEVALS, _source), legend=legend(_source)),
    unit="percentunit", limit=LIMITS.empty_retrieval_share, links=(ways.to_workflow,), empty="No retrieval", width=8,
)  # fmt: skip
DOCUMENTS = series(
    14, "Documents per retrieval", "How many documents a retrieval returned on average.",
    Query(
        expr=f"{BOARD.rate(names.RETRIEVED, _source)} / ({BOARD.rate(names.RETRIEVALS, _source)} > 0)",
        legend=legend(_source),
    ), links=(ways.to_workflow,), empty="No retrieval", width=8,
)  # fmt: skip
RETRIEVAL_TIME = series(
    15, "Retrieval time, p95", "How long a look-up takes, by knowledge source.",
    Query(expr=BOARD.quantile(0.95, names.RETRIEVAL_LATENCY, _source), legend=legend(_source)), unit="s",
    links=(ways.to_workflow,), empty="No retrieval", width=8,
)  # fmt: skip

FALLBACK = series(
    16, "Runs by fallback, by workflow", "Share of runs that a fallback path finished. The line is the limit of its alert.",
    Query(expr=BOARD.share(names.RUNS, names.RUNS, _workflow, where=BY_FALLBACK), legend=legend(_workflow)),
    unit="percentunit", limit=LIMITS.fallback_share, links=(ways.this_workflow,), empty="No run", width=8,
)  # fmt: skip
BACKLOG = series(
    17, "Reviews waiting, by workflow", "Requested and not decided, of the last fourteen days. The line is the limit of the "
    "backlog alert.", Query(expr=f"sum by ({by(_workflow)}) ({_backlog})", legend=legend(_workflow)),
    limit=LIMITS.review_backlog, links=(ways.this_workflow,), empty="No review was ever requested", width=8,
)  # fmt: skip
FLOW = series(
    18, "Reviews requested, decided and their wait", "Reviews per hour by state, and the p95 wait in hours.",
    Query(expr=f"{BOARD.rate(names.REVIEWS, names.REVIEW_STATE)} * {ways.HOUR_S}", legend=legend(names.REVIEW_STATE)),
    Query(expr=f"{BOARD.quantile(0.95, names.REVIEW_WAIT)} / {ways.HOUR_S}", legend="p95 wait, hours"),
    links=(ways.to_workflow,), empty="No review in this time range", width=8,
)  # fmt: skip
TRACES = traces(
    19, "Blocked, fallen back or sent to a person", "Traces in which a guardrail blocked, a fallback ran or a review was "
    "requested; these are always kept.",
    ways.traceql(
        f'(span.{names.GUARDRAIL_OUTCOME} = "block" || span.{names.FALLBACK_REASON} != nil || span.{names.REVIEW_STATE} != nil)',
        names.WORKFLOW, names.GUARDRAIL_REASON, names.FALLBACK_REASON, names.REVIEW_STATE, workflow=False,
    ), width=16, height=8,
)  # fmt: skip
ABOUT = about(
    20,
    "Targets and owners come from contracts in `tellmetry.toml`, scores from `evaluation(...)`. **Next**: a missed target "
    "leads to the workflow's prompt versions. Source: `dashboards/source/quality.py`; alerts: `dashboards/runbook.md`.",
    height=3,
)  # fmt: skip

QUALITY = Board(
    uid=uids.QUALITY, title="LLM quality and review", says="Scores against target, guardrails, retrieval, fallbacks, people.",
    rows=(
        Row(0, "", (MISSED, BLOCKED, EMPTY_SHARE, FALLEN_BACK, MANUAL, WAITING, SCORES, AGAINST)),
        Row(101, "Guardrails", (OUTCOMES, BLOCK_SHARE, REASONS)),
        Row(102, "Retrieval", (EMPTY_BY_SOURCE, DOCUMENTS, RETRIEVAL_TIME)),
        Row(103, "Fallbacks and people", (FALLBACK, BACKLOG, FLOW, BY_VERSION, TRACES, ABOUT)),
    ),
)  # fmt: skip
