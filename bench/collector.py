"""The Collector with our config: CPU for a thousand spans a second, the rate at which it stops, and series for users.

Spans are encoded before the clock runs and sent by as many connections as an app fleet would have. What was counted is
read off the Collector's own /metrics and must equal what was sent.
"""

from __future__ import annotations

import os
import re
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from tellmetry import names
from tellmetry.emit import otlp_proto
from tellmetry.emit.spans import Finished, Own
from tests.stack.servers import collector, tempo
from tests.stack.stack import CONFIG, TEMPO

BATCH, CONNECTIONS = 512, 4
_TICK_S = os.sysconf("SC_CLK_TCK")
_ENOUGH_MIB = "1500"
_KEEPING_UP = 0.8  # less of the rate that was asked for is where it stops


def batch(first: int, users: int = 10_000) -> bytes:
    """Encode one request of calls, each of another user's run: no user may become a series."""
    now = time.time_ns()
    told = []
    for number in range(first, first + BATCH):
        mine = Own(number + 1 << 64 | number, number + 1, 0, parent_is_remote=False)
        attributes: dict[str, Any] = {
            names.OPERATION: "chat", names.PROVIDER: "openai", names.REQUEST_MODEL: "gpt-4o-mini",
            names.RESPONSE_MODEL: "gpt-4o-mini-2024-07-18", names.WORKFLOW: "triage", names.OWNER: "ops",
            names.RUN_ID: f"{number:016x}", names.REQUEST_ID: f"user-{number % users}", names.CLIENT: "openai",
            names.INPUT_TOKENS: 412, names.OUTPUT_TOKENS: 99, names.CACHE_READ_TOKENS: 256, names.COST_USD: 0.0001,
            names.COST_SOURCE: "list:x", names.ATTEMPTS: 1, names.PROMPT_NAME: "p", names.PROMPT_VERSION: "1",
            names.FINISH_REASONS: ("stop",), names.HTTP_STATUS: 200, names.RESPONSE_ID: f"chatcmpl-{number}",
        }  # fmt: skip
        told.append(Finished("chat gpt-4o-mini", "client", mine, now - 10**9, now, attributes, failed=False))
    return otlp_proto.encode(told, {names.SERVICE_NAME: "bench"})


def measure(rates: tuple[int, ...] = (2_000, 5_000, 10_000, 20_000, 40_000, 80_000), seconds: float = 10.0) -> dict[str, Any]:
    """Send at growing rates until the Collector does not keep up; give CPU, exactness and where it stopped."""
    bodies = [batch(at * BATCH) for at in range(64)]
    env = {"COLLECTOR_MEMORY_MIB": _ENOUGH_MIB, "COLLECTOR_MEMORY_SPIKE_MIB": "300"}
    with tempo(TEMPO) as traces, collector(CONFIG, {"TEMPO_OTLP_ENDPOINT": traces.otlp, **env}) as server:
        told, sent = [], 0
        for rate in rates:
            before, idle = _cpu_s(server.process.pid), time.perf_counter()
            taken, refused, took_s = _send(server.url, bodies, int(rate * seconds / BATCH), rate)
            sent += taken
            counted = _settled(server.llm, sent)
            cpu_s = _cpu_s(server.process.pid) - before
            told.append({
                "asked_per_s": rate, "sent_per_s": round(taken / took_s), "refused": refused,
                "exact": counted == sent, "cpu_s_per_1000_spans": round(cpu_s / taken * 1000, 4),
                "settled_s": round(time.perf_counter() - idle - took_s, 1),
            })  # fmt: skip
            if refused or counted != sent or taken / took_s < rate * _KEEPING_UP:
                break
        least = min(one["cpu_s_per_1000_spans"] for one in told)
        return {
            "rates": told, "spans": sent, "series": _series(server.llm), "users": 10_000,
            "cpu_bound_per_s_on_2_cores": round(2 / least * 1000),
        }  # fmt: skip


def _send(url: str, bodies: list[bytes], batches: int, rate: int) -> tuple[int, int, float]:
    """Send at a rate; give spans taken, spans refused and how long it took."""
    left = iter(range(batches))
    lock, outcome = threading.Lock(), [0, 0]
    started = time.perf_counter()

    def run() -> None:
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            time.sleep(max(0.0, started + number * BATCH / rate - time.perf_counter()))
            request = urllib.request.Request(
                f"{url}/v1/traces", bodies[number % len(bodies)], {"content-type": "application/x-protobuf"}
            )
            try:
                urllib.request.urlopen(request, timeout=60).read()
                outcome[0] += BATCH
            except OSError:
                outcome[1] += BATCH

    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome[0], outcome[1], time.perf_counter() - started


def _metrics(url: str) -> str:
    return urllib.request.urlopen(url, timeout=60).read().decode()


def _counted(url: str) -> int:
    return round(sum(float(n) for n in re.findall(r"^llm_calls_total\{[^}]*\} (\S+)", _metrics(url), re.M)))


def _settled(url: str, wanted: int) -> int:
    """Wait until every span is counted, or no more are."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < 15:
        now = _counted(url)
        if now == wanted:
            return now
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.5)
    return last


def _series(url: str) -> int:
    return sum(1 for line in _metrics(url).splitlines() if line.startswith("llm_"))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK_S
