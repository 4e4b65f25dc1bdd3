"""The shape of an ordinary month: hours, weekends, holidays, growth, a campaign, noise that lasts for minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from bench.alerts.world import A_DAY, DAYS, STEP_S, STEPS, Workflow

Array = NDArray[np.float64]
AT = np.arange(STEPS)
HOUR: Array = (AT % A_DAY) * STEP_S / 3600
DAY = AT // A_DAY


@dataclass(frozen=True, slots=True)
class Calendar:
    """One month: the weekday it begins on, its holidays and the days on which something ordinary changes."""

    seed: int
    first_weekday: int  # 0 is Monday; one installs on a working day
    holidays: tuple[int, ...]
    campaign: int
    releases: tuple[int, ...]
    cheaper: int  # OpenAI lowers its prices …
    dearer: int  # … and Anthropic raises them


def calendar(seed: int) -> Calendar:
    """Draw a month."""
    random = Random(f"calendar {seed}")
    days = random.sample(range(8, DAYS - 2), 7)
    return Calendar(seed, random.randrange(4), tuple(sorted(days[:2])), days[2], tuple(sorted(days[3:5])), days[5], days[6])


def demand(workflow: Workflow, month: Calendar, draw: np.random.Generator) -> Array:
    """Give the calls that a workflow is expected to make in each step."""
    weekday = (DAY + month.first_weekday) % 7
    rate = _SHAPES[workflow.shape](weekday, draw) * workflow.calls_a_minute * STEP_S / 60
    if workflow.shape not in ("night", "bursts", "monday"):
        quiet = 0.2 if workflow.shape == "office" else 0.6
        rate = np.where(np.isin(DAY, month.holidays), rate * quiet, rate)
    rate = rate * workflow.growth_a_month ** (DAY / DAYS)
    if workflow.name == "sales_email":
        rate = np.where((month.campaign <= DAY) & (month.campaign + 2 > DAY), rate * 1.7, rate)
    launched = np.clip((AT / A_DAY - workflow.from_day) / 2, 0.05, 1) if workflow.from_day else 1.0
    rate = np.where(workflow.from_day * A_DAY <= AT, rate * launched, 0.0)
    return rate * draw.lognormal(0, 0.06, DAYS)[DAY] * wander(draw, 0.10, 20)


def wander(draw: np.random.Generator, sigma: float, minutes: float) -> Array:
    """Give a factor around 1 that wanders: what is busy now is busy in a minute, too."""
    every = max(int(minutes * 60 / STEP_S / 4), 1)
    steps = STEPS // every + 2
    kept = np.exp(-0.25)
    noise = draw.normal(0, sigma * np.sqrt(1 - kept**2), steps)
    values = np.empty(steps)
    value = 0.0
    for step in range(steps):
        value = value * kept + noise[step]
        values[step] = value
    return np.exp(np.interp(AT / every, np.arange(steps), values))


def _between(begin: float, end: float, ramp_h: float) -> Array:
    return 1 / (1 + np.exp(-(HOUR - begin) / ramp_h * 4)) / (1 + np.exp((HOUR - end) / ramp_h * 4))


def _always(weekday: Array, draw: np.random.Generator) -> Array:
    return (0.65 + 0.35 * np.cos((HOUR - 14) / 24 * 2 * np.pi)) * np.where(weekday >= 5, 0.8, 1.0)


def _office(weekday: Array, draw: np.random.Generator) -> Array:
    lunch = 1 - 0.35 * np.exp(-(((HOUR - 12.5) / 0.6) ** 2))
    return (_between(8, 17.5, 1.5) * lunch + 0.01) * np.where(weekday >= 5, 0.05, 1.0)


def _evening(weekday: Array, draw: np.random.Generator) -> Array:
    return (0.08 + 0.55 * _between(8, 22, 2) + 0.4 * np.exp(-(((HOUR - 19.5) / 2) ** 2))) * np.where(weekday >= 5, 1.1, 1.0)


def _night(weekday: Array, draw: np.random.Generator) -> Array:
    begins, ends = 1 + draw.normal(0, 0.07, DAYS)[DAY], 2.5 + draw.normal(0, 0.15, DAYS)[DAY]
    return ((begins < HOUR) & (ends > HOUR)).astype(float)


def _rare(weekday: Array, draw: np.random.Generator) -> Array:
    return np.ones(STEPS)


def _bursts(weekday: Array, draw: np.random.Generator) -> Array:
    busy = np.zeros(STEPS)
    for day in range(DAYS):
        for begins in draw.uniform(0, 24, draw.integers(1, 4)):
            first = int((day + begins / 24) * A_DAY)
            busy[first : first + int(draw.uniform(20, 60))] = 1
    return busy


def _monday(weekday: Array, draw: np.random.Generator) -> Array:
    return ((weekday == 0) & (HOUR > 7) & (HOUR < 8)).astype(float)


_SHAPES: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "always": _always, "office": _office, "evening": _evening, "night": _night, "rare": _rare, "bursts": _bursts, "monday": _monday,
}  # fmt: skip
