"""What the Collector and Prometheus say about themselves while the month goes by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bench.alerts.incidents import Incident
from bench.alerts.series import Series, scraped
from bench.alerts.traffic import apply, generator
from bench.alerts.world import STEP_S, STEPS
from dashboards.source import foreign

_COLLECTOR = {"job": "collector", "instance": "collector:8888"}
_LLM = {"job": "llm", "instance": "collector:8889"}
RESTARTS = 4  # of the Collector, for upgrades: a scrape is missed and every counter begins again


def cuts(incidents: Sequence[Incident], seed: int) -> list[tuple[int, int]]:
    """Give the steps during which the Collector is away: incidents and ordinary restarts."""
    down = [(int(one.start_s / STEP_S), int(one.end_s / STEP_S)) for one in incidents if one.kind.name == "collector down"]
    restarts = [(int(step), int(step) + 1) for step in generator(seed, "restarts").integers(0, STEPS - 100, RESTARTS)]
    return sorted(down + [one for one in restarts if not any(begin - 60 < one[0] < end + 60 for begin, end in down)])


def of_pipeline(incidents: Sequence[Incident], seed: int, away: Sequence[tuple[int, int]]) -> Iterator[Series]:
    """Give the series of the pipeline itself."""
    draw = generator(seed, "pipeline")
    knobs = {
        "up": np.ones(STEPS), "lost": np.zeros(STEPS), "refused": np.zeros(STEPS), "series": np.full(STEPS, 1200.0),
        "queue": np.clip(draw.gamma(1.2, 0.02, STEPS), 0, 0.6),
    }  # fmt: skip
    for incident in incidents:
        apply(knobs, incident)
    gone = np.zeros(STEPS, dtype=bool)
    for begin, end in away:
        gone[begin:end] = True
    for labels in (_COLLECTOR, _LLM):
        yield Series(foreign.UP.prometheus, labels, np.where(gone, 0.0, 1.0))
    received = {**_COLLECTOR, "receiver": "otlp", "transport": "http"}
    tempo = {**_COLLECTOR, "exporter": "otlp_grpc/tempo"}
    told = {
        foreign.REFUSED.prometheus: (received, scraped(knobs["refused"], away)),
        foreign.ENQUEUE_FAILED.prometheus: (tempo, scraped(knobs["lost"], away)),
        foreign.QUEUE.prometheus: ({**tempo, "data_type": "traces"}, knobs["queue"] * 1000),
        foreign.QUEUE_CAPACITY.prometheus: ({**tempo, "data_type": "traces"}, np.full(STEPS, 1000.0)),
        foreign.STREAMS.prometheus: (_COLLECTOR, knobs["series"]),
        foreign.STREAMS_LIMIT.prometheus: (_COLLECTOR, np.full(STEPS, 200_000.0)),
        foreign.SAMPLES.prometheus: (_LLM, knobs["series"]),
    }
    for name, (labels, values) in told.items():
        yield Series(name, labels, np.where(gone, np.nan, values))
