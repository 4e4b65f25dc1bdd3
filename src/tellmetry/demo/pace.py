"""How fast jobs arrive: all at once, evenly, or as in a day, with a quiet night at both ends and a busy noon."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_SWING = 0.8
_EXACT_S = 1e-3


def arrived(at_s: float, seconds: float) -> float:
    """Give the share of a day's jobs that has arrived at a time of the day."""
    turn = at_s / seconds
    return turn - _SWING * math.sin(2 * math.pi * turn) / (2 * math.pi)


def due_s(share: float, seconds: float) -> float:
    """Give the time of the day by which a share of its jobs has arrived: `arrived` the other way round."""
    low, high = 0.0, seconds
    while high - low > _EXACT_S:
        middle = (low + high) / 2
        low, high = (middle, high) if arrived(middle, seconds) < share else (low, middle)
    return high


def paced(jobs: Iterable[T], count: int, seconds: float, *, as_day: bool) -> Iterator[T]:
    """Let `count` jobs through within so many seconds."""
    began = time.monotonic()
    for number, job in zip(range(count), jobs, strict=False):
        share = number / count
        at_s = due_s(share, seconds) if as_day else share * seconds
        time.sleep(max(0.0, began + at_s - time.monotonic()))
        yield job
