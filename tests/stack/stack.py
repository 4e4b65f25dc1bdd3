"""The whole chain from the files that users get: Collector, Prometheus, Tempo, Alertmanager and a webhook receiver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.stack.process import HOST, free_port, home_of
from tests.stack.servers import Collector, Server, Tempo, Webhook, alertmanager, collector, prometheus, tempo, webhook
from tests.stack.tools import ROOT

CONFIG = ROOT / "collector" / "config.yaml"
TEMPO = ROOT / "collector" / "tempo.yaml"
RULES = ROOT / "dashboards" / "rules"

# The same configuration in a hurry: what waits for seconds or minutes in production waits for a moment.
HURRY = {
    "COLLECTOR_BATCH_TIMEOUT": "100ms",
    "COLLECTOR_DECISION_WAIT": "2s",
    "COLLECTOR_DECISION_WAIT_AFTER_ROOT": "300ms",
    "COLLECTOR_EXEMPLARS_EVERY": "1s",
    "TEMPO_TRACE_IDLE": "500ms",
}
HURRY_PROMETHEUS = {
    "scrape_interval: 15s": "scrape_interval: 1s",
    "evaluation_interval: 15s": "evaluation_interval: 1s",
    "scrape_interval: 5s": "scrape_interval: 1s",
    "scrape_timeout: 5s": "scrape_timeout: 1s",
}
# An alert that fired before Prometheus had found its Alertmanager is told again, by default after a minute.
QUICK = ("--scrape.discovery-reload-interval=100ms", "--rules.alert.resend-delay=1s")
HURRY_ALERTMANAGER = {"group_wait: 30s": "group_wait: 1s", "group_interval: 5m": "group_interval: 1s"}


@dataclass(frozen=True, slots=True)
class Stack:
    """The running chain."""

    collector: Collector
    prometheus: Server
    tempo: Tempo
    alertmanager: Server
    webhook: Webhook


def rewritten(file: Path, changes: Mapping[str, str]) -> str:
    """Give a shipped file's text with addresses or times replaced; a change that fits nowhere is an error."""
    text = file.read_text()
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"{file.name} has no {old!r}")
        text = text.replace(old, new)
    return text


@contextmanager
def stack(
    env: Mapping[str, str] | None = None, rules: Path | None = RULES, home: Path | None = None, hurry: bool = True
) -> Iterator[Stack]:
    """Run everything on loopback; `env` overrides the Collector's and Tempo's variables."""
    given = {**(HURRY if hurry else {}), **(env or {})}
    with ExitStack() as running:
        where = running.enter_context(home_of("stack", home))
        hook = running.enter_context(webhook())
        traces = running.enter_context(tempo(TEMPO, given, where / "tempo", keep=home is not None))
        alerting = running.enter_context(_alertmanager(hook, where / "alertmanager", hurry))
        port = free_port()
        endpoints = {
            "PROMETHEUS_OTLP_ENDPOINT": f"http://{HOST}:{port}/api/v1/otlp",
            "TEMPO_OTLP_ENDPOINT": traces.otlp,
        }
        spans = running.enter_context(collector(CONFIG, {**endpoints, **given}, where / "collector"))
        addresses = {
            "collector:8889": urlsplit(spans.llm).netloc,
            "collector:8888": urlsplit(spans.metrics).netloc,
            "localhost:9090": f"{HOST}:{port}",
            "alertmanager:9093": urlsplit(alerting.url).netloc,
            "tempo:3200": urlsplit(traces.url).netloc,
        }
        config = rewritten(ROOT / "collector" / "prometheus.yml", addresses | (HURRY_PROMETHEUS if hurry else {}))
        flags = QUICK if hurry else ()
        metrics = running.enter_context(prometheus(config, rules, where / "prometheus", port, flags))
        yield Stack(spans, metrics, traces, alerting, hook)


@contextmanager
def _alertmanager(hook: Webhook, home: Path, hurry: bool) -> Iterator[Server]:
    home.mkdir(parents=True, exist_ok=True)
    (home / "webhook_url").write_text(hook.url)
    changes = {"/etc/alertmanager/webhook_url": str(home / "webhook_url")} | (HURRY_ALERTMANAGER if hurry else {})
    with alertmanager(rewritten(ROOT / "collector" / "alertmanager.yml", changes), home) as server:
        yield server
