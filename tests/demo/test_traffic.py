"""Traffic: an ordinary day is calm, a burst is one, jobs keep their pace, and every bill stays equal."""

from __future__ import annotations

import math
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tellmetry import names
from tellmetry.demo.day import queue
from tellmetry.demo.day.bursts import BURSTS
from tellmetry.demo.pace import arrived, due_s, paced
from tellmetry.demo.play import Played, Scene, play
from tellmetry.demo.provider import Provider


def load(store: Path, count: int, burst: str | None = None) -> Played:
    chosen = BURSTS[burst] if burst else None
    jobs = islice(queue.traffic(7, chosen), count)
    done = play(Scene(jobs, queue.rules(chosen), store, has_plain=False))
    assert list(done.account.differences()) == []
    assert done.results.total() == count
    return done


def failed_share(done: Played) -> float:
    calls = [s.attributes for s in done.spans() if s.attributes[names.OPERATION] in names.MODEL_OPERATIONS]
    return sum(names.ERROR_TYPE in call for call in calls) / len(calls)


def cost_per_run(done: Played) -> float:
    runs = [s.attributes for s in done.spans() if s.attributes[names.OPERATION] == names.OP_WORKFLOW]
    return math.fsum(run.get(names.COST_USD, 0.0) for run in runs) / len(runs)


def test_an_ordinary_day_is_calm_and_bursts_are_not(tmp_path: Path) -> None:
    calm = load(tmp_path / "calm", 80)
    failing = load(tmp_path / "failing", 30, "failure")
    dear = load(tmp_path / "dear", 12, "cost")
    assert failed_share(calm) < 0.06, "the slowest failure alert must stay quiet"
    assert failed_share(failing) > 0.25
    assert failing.results["sales"] > 0 and failing.results["handed_over"] > 0, "Acme has another way"
    assert failing.results["failed"] == 0
    assert cost_per_run(calm) < 0.05
    assert cost_per_run(dear) > 50 * cost_per_run(calm)


@pytest.mark.parametrize("burst", [None, *BURSTS.values()], ids=[None, *BURSTS])
def test_the_provider_understands_every_rule(burst) -> None:
    with Provider() as provider:
        for says in queue.rules(burst):
            provider.script(says.directive, **says.match)


def share(of, what: str) -> float:
    jobs = list(islice(queue.traffic(3, of), 2000))
    return sum(what in (job["kind"], job.get("text"), job.get("language")) for job in jobs) / len(jobs)


def test_a_burst_changes_what_arrives() -> None:
    assert share(BURSTS["cost"], "contract") > 4 * share(None, "contract") > 0
    assert share(BURSTS["retrieval"], "Do you repair pianos?") > 0.8 > 10 * share(None, "Do you repair pianos?")
    assert share(BURSTS["unpriced"], "de") > 0.3 > 10 * share(None, "de")
    assert share(BURSTS["review"], "contract") > 0.2 and share(BURSTS["review"], "decision") == 0
    assert share(None, "decision") > 0


def test_every_case_happens_on_an_ordinary_day() -> None:
    jobs = list(islice(queue.traffic(1), 20_000))
    companies = {job["company"] for job in jobs if job["kind"] == "lead"}
    assert len(companies) == sum(case.kind == "lead" for case in queue.CASES)
    assert len({job["id"] for job in jobs if "id" in job}) == sum("id" in job for job in jobs)


def test_the_same_seed_gives_the_same_traffic() -> None:
    def plain(seed: int) -> list[dict]:
        return [job | {"asked_at": 0} for job in islice(queue.traffic(seed), 300)]

    assert plain(5) == plain(5) != plain(6)


def test_jobs_keep_their_pace() -> None:
    began = time.monotonic()
    at = [time.monotonic() - began for _ in paced(range(100), 10, 0.5, as_day=False)]
    assert len(at) == 10
    assert all(one >= number * 0.05 - 0.005 for number, one in enumerate(at))


def test_a_day_is_busy_at_noon_and_quiet_at_night() -> None:
    hours = Counter(int(due_s(number / 1000, 24.0)) for number in range(1000))
    assert hours[12] > 5 * hours[0] > 0 and hours[11] > 5 * hours[23] > 0
    assert all(abs(arrived(due_s(share / 50, 100.0), 100.0) - share / 50) < 1e-4 for share in range(1, 50))
