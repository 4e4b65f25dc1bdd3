"""Servers that are away: what the Collector took from an app waits on disk, a killed Collector included."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

import pytest
from opentelemetry.trace import Status, StatusCode

from tellmetry import names
from tests.stack import sender
from tests.stack.ask import alerts, eventually, of, total, traceql
from tests.stack.process import HOST, ServerError, free_port
from tests.stack.servers import Collector, collector, prometheus, tempo
from tests.stack.stack import CONFIG, HURRY, QUICK, stack
from tests.stack.tools import ROOT

pytestmark = pytest.mark.stack

TRACES = 20


def queued(server: Collector) -> float:
    """Add up the bytes in the queue to Tempo."""
    with urllib.request.urlopen(server.metrics) as answer:
        lines = answer.read().decode().splitlines()
    found = [line for line in lines if line.startswith("otelcol_exporter_queue_size{") and "tempo" in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def test_traces_survive_a_collector_that_is_killed_while_tempo_is_away(tmp_path: Path):
    port = free_port()
    env = {**HURRY, "TEMPO_OTLP_ENDPOINT": f"{HOST}:{port}"}
    with collector(CONFIG, env, home=tmp_path) as first:
        sending = sender.provider(first.url, "outage")
        for _ in range(TRACES):
            span = sending.get_tracer(names.SCOPE).start_span("chat m")
            span.set_status(Status(StatusCode.ERROR))
            span.end()
        sending.shutdown()
        assert eventually(lambda: queued(first), bool)
        first.process.kill()
    find = '{ resource.service.name = "outage" }'
    with (
        tempo(ROOT / "collector" / "tempo.yaml", {**HURRY, "TEMPO_OTLP_PORT": str(port)}) as traces,
        collector(CONFIG, env, home=tmp_path),
    ):
        found = eventually(lambda: len(traceql(traces.url, find)), lambda number: number >= TRACES, within_s=30)
        assert found == TRACES


def test_counts_go_on_after_a_collector_is_restarted(tmp_path: Path):
    """The second Collector counts more than the first did, so that only the zero between them shows a new beginning."""
    ports = {"COLLECTOR_LLM_PORT": str(free_port()), **HURRY}
    target = f"{HOST}:{ports['COLLECTOR_LLM_PORT']}"
    scrape = f"{{job_name: llm, honor_labels: true, scrape_interval: 1s, static_configs: [{{targets: ['{target}']}}]}}"
    with prometheus(f"scrape_configs: [{scrape}]\n", flags=QUICK) as metrics:
        for calls in (10, 30):
            with collector(CONFIG, ports, home=tmp_path) as server:
                sending = sender.provider(server.url, "restart")
                for _ in range(calls):
                    sending.get_tracer(names.SCOPE).start_span("chat", attributes={names.OPERATION: "chat"}).end()
                sending.shutdown()
                counted = eventually(lambda: of(metrics.url, names.CALLS, service="restart"), lambda n, c=calls: n == c)
                assert counted == calls
                time.sleep(5)
        grown = total(metrics.url, f'increase({names.CALLS.prometheus}{{service_name="restart"}}[5m])')
        assert grown == pytest.approx(40, rel=0.1)


def test_an_alert_goes_all_the_way_to_the_webhook(tmp_path: Path):
    rule = 'groups: [{name: g, interval: 1s, rules: [{alert: Always, expr: "vector(1)", labels: {owner: ops}}]}]'
    (tmp_path / "always.yaml").write_text(rule)
    with stack(rules=tmp_path) as running:
        assert eventually(lambda: alerts(running.prometheus.url), bool) == {"Always": "firing"}
        assert eventually(lambda: running.webhook.alerts("firing"), bool) == {"Always"}
        assert running.webhook.posts[0]["groupLabels"] == {"alertname": "Always", "owner": "ops"}


def test_a_server_that_dies_at_start_says_why():
    with pytest.raises(ServerError, match="scrape_intervall"), prometheus("global: {scrape_intervall: 1s}\n"):
        pass
