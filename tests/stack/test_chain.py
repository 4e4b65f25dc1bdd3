"""The shipped files as one running chain: spans in; exact sums, kept traces and exemplars out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import Status, StatusCode

from tellmetry import names
from tests.stack import sender
from tests.stack.ask import eventually, exemplars, of, query, total, trace, traceql
from tests.stack.stack import Stack, stack
from tests.stack.tools import ROOT

pytestmark = pytest.mark.stack

PROCESSES = 6
RUNS = PROCESSES * sender.RUNS
CALLS = RUNS * sender.CALLS_A_RUN
FAILED = RUNS // 5
USD = RUNS * sum(sender.MODELS.values())


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with stack(rules=None) as servers:
        yield servers


@pytest.fixture(scope="module")
def fed(running: Stack) -> Stack:
    """Give the chain what six processes send at once, and wait until it has been counted."""
    command = [sys.executable, "-m", "tests.stack.sender", running.collector.url, "chain"]
    processes = [subprocess.Popen([*command, str(number)], cwd=ROOT) for number in range(PROCESSES)]
    assert [process.wait(60) for process in processes] == [0] * PROCESSES
    eventually(lambda: of(running.prometheus.url, names.CALLS), lambda calls: calls >= CALLS)
    return running


def test_sums_are_exact(fed):
    assert of(fed.prometheus.url, names.CALLS) == CALLS
    assert of(fed.prometheus.url, names.CALLS, ', error_type="rate_limit"') == FAILED
    assert of(fed.prometheus.url, names.RUNS) == RUNS
    assert of(fed.prometheus.url, names.COST) == pytest.approx(USD, abs=1e-9)
    assert of(fed.prometheus.url, names.IN_TOKENS) == CALLS * sender.INPUT
    assert of(fed.prometheus.url, names.OUT_TOKENS) == CALLS * sender.OUTPUT
    assert of(fed.prometheus.url, names.CACHED_TOKENS) == CALLS * sender.CACHED
    assert of(fed.prometheus.url, names.LATENCY, part="_count") == CALLS
    assert of(fed.prometheus.url, names.FINISHES, ', gen_ai_response_finish_reasons="stop"') == CALLS


def test_a_burst_counts_for_what_it_was(fed):
    """Six processes and one second of calls: `increase` must not miss the start, nor stretch what it saw."""
    time.sleep(8)
    spent = total(fed.prometheus.url, f'increase({names.COST.prometheus}{{service_name="chain"}}[2m])')
    assert spent == pytest.approx(USD, rel=0.15)


def test_series_are_of_services_and_not_of_processes(fed):
    series = query(fed.prometheus.url, f'{names.CALLS.prometheus}{{service_name="chain"}}')
    assert len(series) == 3  # two models, one of them with and without failures
    expected = {names.label(key) for key in (*names.RESOURCE_LABELS, *names.CALLS.labels)}
    for labels in map(dict, series):
        assert set(labels) - {"__name__", "job", "instance"} == expected
        assert labels["deployment_environment_name"] == "test"
        assert labels["gen_ai_prompt_name"] == names.NO_VALUE
        assert labels["tellmetry_owner"] == "ops@example.com"


def test_failed_traces_are_kept_and_others_sampled(fed):
    runs = '{ resource.service.name = "chain" && name = "invoke_workflow lead_triage" }'
    failed = '{ resource.service.name = "chain" && span.error.type = "rate_limit" }'
    assert eventually(lambda: len(traceql(fed.tempo.url, failed)), lambda found: found >= FAILED, within_s=20) == FAILED
    assert FAILED <= len(traceql(fed.tempo.url, runs)) < FAILED + (RUNS - FAILED) / 2


def test_exemplars_lead_to_traces_that_tempo_has(fed):
    selector = 'llm_traced_duration_seconds_bucket{service_name="chain", gen_ai_operation_name="chat"}'
    dots = eventually(lambda: exemplars(fed.prometheus.url, selector), bool, within_s=20)
    assert dots
    for dot in dots[:5]:
        assert trace(fed.tempo.url, dot["labels"]["trace_id"])["trace"]["resourceSpans"]


EVERYTHING_KEPT = {
    "failed": ({names.ERROR_TYPE: "timeout"}, StatusCode.ERROR),
    "expensive": ({names.COST_USD: 0.31}, StatusCode.UNSET),
    "blocked": ({names.GUARDRAIL_OUTCOME: "block"}, StatusCode.UNSET),
    "fallback": ({names.FALLBACK_REASON: "timeout"}, StatusCode.UNSET),
    "review": ({names.REVIEW_STATE: "requested"}, StatusCode.UNSET),
}


def test_tail_sampling_keeps_what_matters(running):
    sending = sender.provider(running.collector.url, "kept")
    tracer = sending.get_tracer(names.SCOPE)
    for _ in range(20):
        for reason, (attributes, status) in EVERYTHING_KEPT.items():
            span = tracer.start_span(reason, attributes=attributes)
            span.set_status(Status(status))
            span.end()
        tracer.start_span("cheap", attributes={names.COST_USD: 0.01}).end()
        begun = time.time_ns()
        tracer.start_span("slow", start_time=begun - 16_000_000_000).end(begun)
    sending.shutdown()
    find = '{ resource.service.name = "kept" }'

    def kept() -> Counter[str]:
        return Counter(found["rootTraceName"] for found in traceql(running.tempo.url, find))

    wanted = dict.fromkeys([*EVERYTHING_KEPT, "slow"], 20)
    found = eventually(kept, lambda traces: traces >= Counter(wanted), within_s=20)
    assert found.pop("cheap", 0) < 20
    assert found == wanted


def a_value(attribute: str) -> object:
    """Invent a value for an attribute, of the type that its metric needs."""
    if attribute == names.COST_SOURCE:
        return names.UNPRICED
    if attribute == names.FINISH_REASONS:
        return ["stop", "length"]
    return 0 if attribute == names.RETRIEVAL_COUNT else 3


def test_every_metric_arrives_under_the_name_and_labels_that_names_says(running):
    sending = sender.provider(running.collector.url, "every")
    tracer = sending.get_tracer(names.SCOPE)
    for metric in names.METRICS:
        needed = {attribute: a_value(attribute) for attribute in (metric.when, metric.value) if attribute}
        needed.pop(names.DURATION, None)
        tracer.start_span("any", attributes={names.OPERATION: metric.operations[0], **needed}).end()
    sending.shutdown()
    part = {"sum": "", "histogram": "_count"}

    def missing() -> list[str]:
        return [m.name for m in names.METRICS if not series_of(running, m.prometheus + part[m.kind])]

    assert eventually(missing, lambda left: not left) == []
    for metric in names.METRICS:
        expected = {names.label(key) for key in (*names.RESOURCE_LABELS, *metric.labels)}
        for labels in series_of(running, metric.prometheus + part[metric.kind]):
            assert set(labels) - {"__name__", "job", "instance"} == expected


def series_of(servers: Stack, name: str) -> list[dict[str, str]]:
    return [dict(labels) for labels in query(servers.prometheus.url, f'{name}{{service_name="every"}}')]


def test_a_span_with_a_wrong_type_costs_no_other(running):
    """A string, an integer and a double where a double belongs, in one batch: only the string's own value is lost."""
    sending = sender.provider(running.collector.url, "wrong")
    tracer = sending.get_tracer(names.SCOPE)
    call = {names.OPERATION: "chat", names.REQUEST_MODEL: "m"}
    for cost in (0.5, "a lot", 1, 0.25):
        tracer.start_span("chat m", attributes={**call, names.COST_USD: cost}).end()
    sending.shutdown()
    assert eventually(lambda: of(running.prometheus.url, names.CALLS, service="wrong"), lambda calls: calls >= 4) == 4
    assert of(running.prometheus.url, names.COST, service="wrong") == 1.75


def test_metrics_that_an_app_makes_itself_arrive_too(running):
    exporter = OTLPMetricExporter(endpoint=f"{running.collector.url}/v1/metrics")
    meters = MeterProvider(
        [PeriodicExportingMetricReader(exporter)], Resource.create({names.SERVICE_NAME: "own", names.OWNER: "a@b.org"})
    )
    usage = meters.get_meter("app").create_counter("gen_ai.client.inference.usage.input_tokens", "{token}")
    usage.add(412, {names.REQUEST_MODEL: "gpt-5", "note": "from canary@example.org"})
    meters.shutdown()
    name = "gen_ai_client_inference_usage_input_tokens_total"
    series = eventually(lambda: query(running.prometheus.url, name), bool)
    ((labels, value),) = series.items()
    assert value == 412
    assert dict(labels)["service_name"] == "own"
    assert dict(labels)["note"] == "from ****"


def test_the_pipeline_reports_about_itself(running):
    url = running.prometheus.url
    up = eventually(lambda: query(url, "up == 1"), lambda jobs: len(jobs) == 5)
    assert {dict(labels)["job"] for labels in up} == {"llm", "collector", "prometheus", "alertmanager", "tempo"}
    for name in ("receiver_accepted_spans", "exporter_queue_size", "deltatocumulative_datapoints"):
        assert query(url, f"otelcol_{name}"), name


def test_a_counter_begins_at_zero(fed):
    """The zero before the first sample is what lets `increase` see the first burst of a new series."""
    least = query(fed.prometheus.url, f'min_over_time({names.CALLS.prometheus}{{service_name="chain"}}[10m])')
    assert set(least.values()) == {0.0}
