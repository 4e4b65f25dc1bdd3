"""Names that are not ours: what Prometheus and the Collector say about themselves, as far as boards and alerts use it."""

from __future__ import annotations

from dataclasses import dataclass

from tellmetry import names


@dataclass(frozen=True, slots=True)
class Foreign:
    """A series of somebody else, with the labels that we rely on."""

    prometheus: str
    labels: tuple[str, ...] = ()


_AT = ("job", "instance")

# Prometheus
ALERTS = Foreign("ALERTS", ("alertname", "alertstate", "severity", "owner", names.WORKFLOW))
ALERTS_SINCE = Foreign("ALERTS_FOR_STATE", ("alertname", "severity", "owner", names.WORKFLOW))
UP = Foreign("up", _AT)
SAMPLES = Foreign("scrape_samples_scraped", _AT)
RULE_FAILURES = Foreign("prometheus_rule_evaluation_failures_total", (*_AT, "rule_group"))
RULES_MISSED = Foreign("prometheus_rule_group_iterations_missed_total", (*_AT, "rule_group"))
NOTIFICATIONS_DROPPED = Foreign("prometheus_notifications_dropped_total", _AT)
NOTIFICATIONS_FAILED = Foreign("alertmanager_notifications_failed_total", (*_AT, "integration"))

# The Collector about itself, as its configuration in collector/ exposes it: no `_total` on counters.
ACCEPTED = Foreign("otelcol_receiver_accepted_spans", (*_AT, "receiver", "transport"))
REFUSED = Foreign("otelcol_receiver_refused_spans", (*_AT, "receiver", "transport"))
RECEIVE_FAILED = Foreign("otelcol_receiver_failed_spans", (*_AT, "receiver", "transport"))
SENT = Foreign("otelcol_exporter_sent_spans", (*_AT, "exporter"))
SEND_FAILED = Foreign("otelcol_exporter_send_failed_spans", (*_AT, "exporter"))
ENQUEUE_FAILED = Foreign("otelcol_exporter_enqueue_failed_spans", (*_AT, "exporter"))
QUEUE = Foreign("otelcol_exporter_queue_size", (*_AT, "exporter", "data_type"))
QUEUE_CAPACITY = Foreign("otelcol_exporter_queue_capacity", (*_AT, "exporter", "data_type"))
DELTAS = Foreign("otelcol_deltatocumulative_datapoints", (*_AT, "error"))
STREAMS = Foreign("otelcol_deltatocumulative_streams_tracked", _AT)
STREAMS_LIMIT = Foreign("otelcol_deltatocumulative_streams_limit", _AT)
TRACES_DECIDED = Foreign("otelcol_processor_tail_sampling_global_count_traces_sampled", (*_AT, "sampled", "decision"))
TRACES_TOO_EARLY = Foreign("otelcol_processor_tail_sampling_sampling_trace_dropped_too_early", _AT)
MEMORY = Foreign("otelcol_process_memory_rss", _AT)

# A histogram that the Collector makes of the traces it kept, for the sake of its exemplars: never add it up.
TRACED = Foreign(
    "llm_traced_duration_seconds",
    (
        names.SERVICE_NAME, names.ENVIRONMENT, names.WORKFLOW, names.OWNER, names.OPERATION, names.PROVIDER,
        names.REQUEST_MODEL, names.ERROR_TYPE,
    ),
)  # fmt: skip

FOREIGN: tuple[Foreign, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Foreign))
