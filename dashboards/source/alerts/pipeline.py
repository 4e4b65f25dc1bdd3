"""The pipeline itself: Collector down, spans lost or refused, queues filling, more series than there is room for."""

from __future__ import annotations

from dashboards.source import foreign, pipeline
from dashboards.source.alerts.rule import PLATFORM, Alert
from dashboards.source.foreign import Foreign
from dashboards.source.limits import LIMITS

COLLECTOR = 'job=~"collector|llm"'

DOWN = Alert(
    name="LLMCollectorDown",
    expr=f'{foreign.UP.prometheus}{{{COLLECTOR}}} == 0\n  or absent({foreign.UP.prometheus}{{job="collector"}})',
    for_="2m",
    keep_firing_for="20m",  # until what apps kept has arrived and no rate shows it any more
    severity="critical",
    summary="The Collector cannot be reached: nothing is counted.",
    description="Prometheus does not reach the Collector ({{ .Labels.job }} {{ .Labels.instance }}). Apps keep their spans on "
    "disk and send them when it is back; until then every board stands still.",
    board=pipeline.PIPELINE,
    panel=pipeline.UP,
    limit=1,
    owner=PLATFORM,
    labels=("job", "instance"),
)


def _grew(series: Foreign, window: str, where: str = "") -> str:
    """Give how much a counter grew; its first sample counts whole, since a counter of losses begins with a loss."""
    name = f"{series.prometheus}{where}"
    return f"(increase({name}[{window}]) > 0 or ({name} > 0 unless {name} offset {window}))"


_causes = {
    "sending to a backend failed": _grew(foreign.SEND_FAILED, "5m"),
    "a sending queue was full": _grew(foreign.ENQUEUE_FAILED, "5m"),
    "spans could not be read": _grew(foreign.RECEIVE_FAILED, "5m"),
    "traces were dropped before their decision": _grew(foreign.TRACES_TOO_EARLY, "5m"),
    "counts could not be added up": _grew(foreign.DELTAS, "5m", '{error!=""}'),
}
_each = (
    f'label_replace(sum by (job, instance) ({grew}), "cause", "{cause}", "", "")' for cause, grew in _causes.items()
)

LOST = Alert(
    name="LLMTelemetryLost",
    expr="\nor ".join(_each),
    for_="0m",
    keep_firing_for="15m",
    severity="critical",
    summary="Telemetry is lost in the Collector.",
    description="{{ .Value | humanize }} items were lost in five minutes: {{ .Labels.cause }}.",
    board=pipeline.PIPELINE,
    panel=pipeline.LOST,
    limit=1,
    owner=PLATFORM,
    labels=("job", "instance", "cause"),
)

REFUSED = Alert(
    name="LLMTelemetryRefused",
    expr=f"sum by (job, instance) (rate({foreign.REFUSED.prometheus}[5m])) > 0",
    for_="5m",
    keep_firing_for="10m",
    severity="warning",
    summary="The Collector refuses spans because its memory runs short.",
    description="The Collector refuses {{ .Value | humanize }} spans per second. Apps try again and keep them meanwhile, so "
    "numbers come late; if it lasts, they are lost.",
    board=pipeline.PIPELINE,
    panel=pipeline.TAKEN,
    owner=PLATFORM,
    labels=("job", "instance"),
)

FILLING = Alert(
    name="LLMQueueFilling",
    expr=f"{foreign.QUEUE.prometheus} / {foreign.QUEUE_CAPACITY.prometheus} > {LIMITS.queue_share:g}",
    for_="5m",
    keep_firing_for="5m",
    severity="warning",
    summary="A sending queue of the Collector is nearly full.",
    description="The queue of {{ .Labels.exporter }} is {{ .Value | humanizePercentage }} full: its backend is slow or down. "
    "When it is full, spans are lost.",
    board=pipeline.PIPELINE,
    panel=pipeline.QUEUES,
    limit=LIMITS.queue_share,
    owner=PLATFORM,
    labels=("job", "instance", "exporter", "data_type"),
    because=("LLMTelemetryLost",),
)

OVERFLOW = Alert(
    name="LLMSeriesOverflow",
    expr=(
        f'{foreign.SAMPLES.prometheus}{{job="llm"}} > {LIMITS.series}\n'
        f"  or {foreign.STREAMS.prometheus} / {foreign.STREAMS_LIMIT.prometheus} * {LIMITS.series} > {LIMITS.queue_share:g} * {LIMITS.series}\n"
        '  or group by (job, instance) ({__name__=~"gen_ai_.*|llm_.*", otel_metric_overflow="true"}) * '
        + str(LIMITS.series)
    ),
    for_="10m",
    keep_firing_for="30m",
    severity="warning",
    summary="The LLM metrics have more series than there is room for.",
    description="The llm_* metrics have about {{ .Value | humanize }} series. A label has too many values; beyond the "
    "Collector's limit new series are dropped and sums come out too low.",
    board=pipeline.PIPELINE,
    panel=pipeline.OVERFLOW,
    limit=LIMITS.series,
    owner=PLATFORM,
    labels=("job", "instance"),
)

ALERTS = (DOWN, LOST, REFUSED, FILLING, OVERFLOW)
