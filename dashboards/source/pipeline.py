"""Pipeline health: does the telemetry arrive, what is lost on the way, and how much of Prometheus it fills."""

from __future__ import annotations

from dashboards.source import foreign, uids, ways
from dashboards.source.board import Board, Row
from dashboards.source.grammar import Query, colour
from dashboards.source.limits import LIMITS
from dashboards.source.query import BOARD, Reader, equals
from dashboards.source.shapes import Column, about, series, stat, table

from tellmetry import names

OURS = Reader("$__rate_interval")  # the Collector has no workflow to filter by
_up = f'min({foreign.UP.prometheus}{{job=~"collector|llm"}}) or vector(0)'
_fill = f"max by (exporter) ({foreign.QUEUE.prometheus} / {foreign.QUEUE_CAPACITY.prometheus})"
_streams = f"max({foreign.STREAMS.prometheus} / {foreign.STREAMS_LIMIT.prometheus})"
_LOSSES = {
    "sending to a backend failed": foreign.SEND_FAILED, "queue was full": foreign.ENQUEUE_FAILED,
    "could not be read": foreign.RECEIVE_FAILED, "trace dropped too early": foreign.TRACES_TOO_EARLY,
}  # fmt: skip
_UNREAD = {"error": '!=""'}
_none = equals(names.NO_VALUE)


def _lost(window: str) -> str:
    """Add up everything that went lost; what never happened has no series and counts as 0."""
    parts = [f"(sum(increase({series_.prometheus}[{window}])) or vector(0))" for series_ in _LOSSES.values()]
    parts.append(f"({OURS.increase(foreign.DELTAS, where=_UNREAD, window=window)} or vector(0))")
    return " + ".join(parts)


UP = stat(
    1, "Collector", "1 while Prometheus reaches the Collector's own metrics and those it derives; 0 is down.", _up, decimals=0,
    limit=1, bad_below=True, links=(ways.to_overview,),
)  # fmt: skip
ARRIVING = stat(
    2, "Spans per second", "Spans that the Collector took in.", OURS.rate(foreign.ACCEPTED), unit="cps", decimals=1,
    links=(ways.to_overview,),
)  # fmt: skip
LOST = stat(
    3, "Lost over the time range", "Spans and counts that were lost for good: see Losses for where. Anything above zero is "
    "told.", _lost("$__range"), decimals=0, limit=1, instant=True, links=(ways.to_overview,),
)  # fmt: skip
FILL = stat(
    4, "Fullest queue", "How full the fullest sending queue is. A full one drops.", f"max({_fill})", unit="percentunit",
    decimals=1, limit=LIMITS.queue_share, links=(ways.to_overview,),
)  # fmt: skip
SERIES = stat(
    5, "Series of llm_*", "How many series the llm_* metrics have. Labels with too many values make it grow.",
    f'{foreign.SAMPLES.prometheus}{{job="llm"}}', decimals=0, limit=LIMITS.series, links=(ways.to_overview,),
)  # fmt: skip
NAMELESS = stat(
    6, "Outside any workflow", "Share of calls made outside a `workflow(...)`: they have no owner, no target, no budget.",
    BOARD.share(names.CALLS, names.CALLS, where={names.WORKFLOW: _none}), unit="percentunit", decimals=1,
    links=(ways.to_overview,),
)  # fmt: skip

TAKEN = series(
    7, "Spans in", "Spans per second that arrived and were taken, or were refused because memory ran short (senders try "
    "again).",
    Query(expr=OURS.rate(foreign.ACCEPTED), legend="taken"), Query(expr=OURS.rate(foreign.REFUSED), legend="refused"),
    overrides=(colour("taken", "green"), colour("refused", "red")), unit="cps", links=(ways.to_overview,),
)  # fmt: skip
GIVEN = series(
    8, "Spans out", "Spans per second that left, by exporter. Fewer than come in: tail sampling keeps errors, slow and dear "
    "traces, and a tenth of the rest. Metrics are counted before that.",
    Query(expr=OURS.rate(foreign.SENT, "exporter"), legend="{{exporter}}"), unit="cps", links=(ways.to_overview,),
)  # fmt: skip
LOSSES = series(
    9, "Losses", "Per second, by cause. Any of them fires the loss alert.",
    *(Query(expr=f"{OURS.rate(lost)} or vector(0)", legend=cause) for cause, lost in _LOSSES.items()),
    Query(expr=f"{OURS.rate(foreign.DELTAS, where=_UNREAD)} or vector(0)", legend="count could not be added up"),
    unit="cps", links=(ways.to_overview,),
)  # fmt: skip
QUEUES = series(
    10, "Queues", "How full each sending queue is. The line is the limit of its alert.",
    Query(expr=_fill, legend="{{exporter}}"), unit="percentunit", limit=LIMITS.queue_share, links=(ways.to_overview,),
)  # fmt: skip

SAMPLING = series(
    11, "Traces kept", "Traces per second that tail sampling kept or let go. Metrics do not depend on it.",
    Query(expr=OURS.rate(foreign.TRACES_DECIDED, "decision"), legend="{{decision}}"), unit="cps", stacked=True,
    links=(ways.to_failures,), width=8,
)  # fmt: skip
MEMORY = series(
    12, "Collector memory", "Resident memory of each Collector. At its limit it refuses spans.",
    Query(expr=foreign.MEMORY.prometheus, legend="{{instance}}"), unit="bytes", links=(ways.to_overview,), width=8,
)  # fmt: skip
STREAMS = series(
    13, "Counters in the Collector", "Share of the counters that it may keep. Beyond it new series are dropped: the line is "
    "the limit of the overflow alert.", Query(expr=_streams, legend="tracked of allowed"), unit="percentunit",
    limit=LIMITS.queue_share, links=(ways.to_overview,), width=8,
)  # fmt: skip

CARDINALITY = table(
    14, "Largest metrics", "Series of each llm_* metric. If one grows, look for a label with too many values: a workflow, "
    "prompt or tool name made of an id.",
    {"__name__": "Metric"},
    (Column(title="Series", expr='topk(12, count by (__name__) ({__name__=~"llm_.*"}))', decimals=0, gauge=True),),
    key_link=ways.to_overview, width=8,
)  # fmt: skip
OVERFLOW = series(
    15, "Series of llm_* over time", "A slope is a label that never repeats. The line is the limit of the overflow alert.",
    Query(expr=f'{foreign.SAMPLES.prometheus}{{job="llm"}}', legend="llm_*"), limit=LIMITS.series,
    links=(ways.to_overview,), width=8,
)  # fmt: skip
SOURCES = table(
    16, "Services that report", "Calls per second by service, the last five minutes. A service that is missing here reports "
    "nothing: run `tellmetry doctor` there.",
    {names.label(names.SERVICE_NAME): "Service", names.label(names.ENVIRONMENT): "Environment"},
    (
        Column(
            title="Calls/s", unit="cps", decimals=2, gauge=True,
            expr=Reader("5m", BOARD.variables).rate(names.CALLS, names.SERVICE_NAME, names.ENVIRONMENT),
        ),
    ), key_link=ways.to_overview, width=8,
)  # fmt: skip
RULES = series(
    17, "Rules that failed or were missed", "Per second. A rule that is not evaluated cannot fire.",
    Query(expr=OURS.rate(foreign.RULE_FAILURES), legend="failed"), Query(expr=OURS.rate(foreign.RULES_MISSED), legend="missed"),
    unit="cps", overrides=(colour("failed", "red"), colour("missed", "orange")), links=(ways.to_overview,), width=8,
)  # fmt: skip
TOLD = series(
    18, "Notifications that did not arrive", "Per second: dropped on the way to Alertmanager, or refused by a receiver.",
    Query(expr=OURS.rate(foreign.NOTIFICATIONS_DROPPED), legend="dropped"),
    Query(expr=OURS.rate(foreign.NOTIFICATIONS_FAILED, "integration"), legend="{{integration}}"),
    unit="cps", links=(ways.to_overview,), width=8,
)  # fmt: skip
ABOUT = about(
    19,
    "**Where is it lost?** App (run `tellmetry doctor` there) → Collector (Spans in, Queues, Losses) → Prometheus and Tempo. "
    "Source: `dashboards/source/pipeline.py`; alerts: `dashboards/runbook.md`; owner: whoever runs the platform.",
    width=8, height=8,
)  # fmt: skip

PIPELINE = Board(
    uid=uids.PIPELINE, title="LLM pipeline health", says="Does the telemetry arrive, what is lost, how much room it takes.",
    rows=(
        Row(0, "", (UP, ARRIVING, LOST, FILL, SERIES, NAMELESS, TAKEN, GIVEN, LOSSES, QUEUES)),
        Row(101, "Collector", (SAMPLING, MEMORY, STREAMS)),
        Row(102, "Series, rules, notifications", (CARDINALITY, OVERFLOW, SOURCES, RULES, TOLD, ABOUT)),
    ),
)  # fmt: skip
