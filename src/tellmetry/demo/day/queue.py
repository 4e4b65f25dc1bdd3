"""The jobs of a day, in order: every case once for the demo, or an endless day as it usually is. A seed decides."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

from tellmetry.demo.day import contracts, leads, mail, questions
from tellmetry.demo.day.bursts import Burst
from tellmetry.demo.day.case import Case, Says

CASES: tuple[Case, ...] = (*leads.LEADS, *questions.QUESTIONS, *contracts.CONTRACTS)
_OFTEN = 10
_NO_BURST = Burst("")

Job = dict[str, Any]


def rules(burst: Burst | None = None) -> tuple[Says, ...]:
    """Say how the provider treats the day: as usual, then case by case, then what the burst changes."""
    usual = (*leads.USUAL, *questions.USUAL, *contracts.USUAL, *mail.MAIL)
    return (*usual, *(says for case in CASES for says in case.rules), *(burst or _NO_BURST).rules)


def showcase(seed: int) -> list[Job]:
    """Give every case once and the frequent ones three times, in a random order."""
    chance = Random(seed)  # noqa: S311 - a demo's dice
    cases = [case for case in CASES for _ in range(3 if case.weight >= _OFTEN else 1)]
    chance.shuffle(cases)
    return [job for case, number in zip(cases, count(1), strict=False) for job in _jobs(case, number, chance)]


def traffic(seed: int, burst: Burst | None = None) -> Iterator[Job]:
    """Give jobs without end, each case as often as its weight says."""
    chance = Random(seed)  # noqa: S311 - a demo's dice
    burst = burst or _NO_BURST
    weights = [case.weight * burst.more.get(case.kind, 1) * burst.more.get(case.shows, 1) for case in CASES]
    for number in count(1):
        (case,) = chance.choices(CASES, weights)
        yield from _jobs(case if burst.has_lawyer else case._replace(lawyer=None), number, chance)


def _jobs(case: Case, number: int, chance: Random) -> Iterator[Job]:
    job = case.made(chance)
    job["id"] = f"{case.kind[0].upper()}-{1000 + number}"
    yield job
    if case.lawyer is not None:
        says, hours = case.lawyer
        asked_at = time.time() - hours * 3600
        yield {"kind": "decision", "contract_id": job["id"], "says": says, "asked_at": asked_at, "by": "legal-1"}
