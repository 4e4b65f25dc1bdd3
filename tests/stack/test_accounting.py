"""Calls, tokens and dollars in Prometheus are the provider's own count, however the processes come and go."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tellmetry import names
from tellmetry.demo.provider import Provider
from tests.stack.ask import eventually, query, total, traceql
from tests.stack.stack import Stack, stack

pytestmark = pytest.mark.stack

WORKLOAD = Path(__file__).parent / "workload.py"
PROGRAMS = [*["short"] * 24, "forked", "tasks", "threads", "streams"]
CALLS = 24 * 3 + (1 + 4 * 25) + 100 + 64 + 6
CUT = {"closed": 1, "abandoned": 1, "cancelled": 1, "failed": 1}


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with stack() as servers:
        yield servers


def _run(command: list[str], servers: Stack, service: str, store: Path) -> None:
    env = {
        **os.environ,
        "TELLMETRY": "on",
        "TELLMETRY_STORE": str(store),
        "OTEL_EXPORTER_OTLP_ENDPOINT": servers.collector.url,
        "OTEL_SERVICE_NAME": service,
    }
    subprocess.run([sys.executable, *command], env=env, check=True, timeout=120)


@pytest.mark.parametrize("round_", [1, 2, 3])
def test_prometheus_equals_the_bill(running: Stack, tmp_path: Path, round_: int) -> None:
    service = f"accounting-{round_}"
    with Provider() as provider, ThreadPoolExecutor(4) as pool:
        commands = [[str(WORKLOAD), program, provider.url] for program in PROGRAMS]
        list(pool.map(lambda command: _run(command, running, service, tmp_path), commands))
        assert provider.bill.settled()
        bill = provider.bill.total()

    # What a short job on a busy machine had no time to send is on disk; it is shipped later, here at once.
    _run(["-m", "tellmetry", "ship"], running, service, tmp_path)
    assert not list(tmp_path.glob("*.jsonl"))
    of = f'service_name="{service}"'
    url = running.prometheus.url

    def prometheus(metric: names.Metric, more: str = "") -> float:
        return total(url, f"sum({metric.prometheus}{{{of}{more}}})")

    told = f',{names.label(names.USAGE_ESTIMATED)}="{names.NO_VALUE}"'
    assert eventually(lambda: prometheus(names.CALLS), lambda calls: calls >= CALLS) == CALLS
    assert prometheus(names.SENT) >= bill.received  # a busy machine may refuse a connection: sent, never received
    assert prometheus(names.RATE_LIMITS) == bill.failed["429"] == 24
    assert prometheus(names.IN_TOKENS, told) == bill.complete.usage.input
    assert prometheus(names.OUT_TOKENS, told) == bill.complete.usage.output
    assert prometheus(names.CACHED_TOKENS) == bill.complete.usage.cached
    assert prometheus(names.THOUGHT_TOKENS) == bill.complete.usage.reasoning
    assert prometheus(names.COST, told) == pytest.approx(float(bill.complete.usd), abs=1e-9)
    assert bill.complete.calls + bill.cut.calls + bill.broken.calls == CALLS
    endings = query(url, f"sum by ({names.label(names.STREAM_ENDING)}) ({names.STREAMS.prometheus}{{{of}}})")
    counted = {dict(labels)[names.label(names.STREAM_ENDING)]: value for labels, value in endings.items()}
    assert counted == {"completed": 52, **CUT}
    sampled = f'{{ resource.service.name = "{service}" && status = error }}'  # failures always pass the sampling
    assert eventually(lambda: traceql(running.tempo.url, sampled), bool)
