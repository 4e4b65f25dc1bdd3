"""What goes wrong, when, and which alert must say so: the truth that alerts are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from bench.alerts.world import BY_NAME, DAYS, STEP_S

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
Change = tuple[Literal["times", "plus", "set", "ramp"], float]

_MONEY = ("LLMCostSpike", "LLMCostSpikeNewWorkflow", "LLMCostPerCallDrift", "LLMBudgetSpent", "LLMBudgetBurn", "LLMBudgetForecast")
_SLOW = ("LLMSlowAnswers", "LLMSlowFirstChunk", "LLMRunsOverTime")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """A kind of incident: how it changes a workflow's traffic, which alerts must tell it and which may as well.

    `hours` of the day (UTC) are when it can begin: a fault in what is not running cannot be seen. `spike` kinds are those
    that the five minutes are asked of.
    """

    name: str
    workflows: tuple[str, ...]
    minutes: tuple[int, int]
    changes: Mapping[str, Change]
    shows: tuple[str, ...]
    may: tuple[str, ...] = ()
    hours: tuple[float, float] = (9.0, 16.0)
    times: int = 2
    spike: bool = False
    weekdays: bool = True
    first_day: int = 1


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went wrong, in seconds since the beginning."""

    kind: Kind
    workflow: str
    start_s: float
    end_s: float
    others: tuple[str, ...] = field(default=())

    @property
    def struck(self) -> tuple[str, ...]:
        """All workflows that it reaches."""
        return (self.workflow, *self.others)


_BUSY = ("lead_triage", "support_answer", "code_assistant")
_PLATFORM = ("",)
KINDS: tuple[Kind, ...] = (
    Kind(name="cost x3", workflows=_BUSY, minutes=(60, 120), changes={"cost": ("times", 3)}, shows=("LLMCostSpike", "LLMCostSpikeNewWorkflow"),
         may=_MONEY, times=3, spike=True, first_day=3),
    Kind(name="agent loop", workflows=("code_assistant", "contract_review"), minutes=(30, 60), changes={"calls": ("times", 5)},
         shows=("LLMCostSpike", "LLMCostSpikeNewWorkflow"), may=_MONEY, spike=True, first_day=3),
    Kind(name="provider outage", workflows=("openai", "anthropic"), minutes=(20, 45),
         changes={"failed": ("set", 0.9), "retries": ("set", 1.8), "fallen_back": ("set", 0.6), "seconds": ("times", 2)},
         shows=("LLMFailureSpike",), may=("LLMRetryStorm", "LLMFallbackShare", "LLMFailureBurn", *_SLOW), spike=True),
    Kind(name="partial failure", workflows=("translate", "support_answer"), minutes=(300, 420), changes={"failed": ("set", 0.09)},
         shows=("LLMFailureBurn",), may=("LLMFailureSpike",), hours=(8, 12)),
    Kind(name="slow drift", workflows=("lead_triage", "code_assistant"), minutes=(4 * 1440, 4 * 1440), changes={"cost": ("ramp", 1.75)},
         shows=("LLMCostPerCallDrift",), may=_MONEY, times=1, first_day=8),
    Kind(name="cache loss", workflows=("support_answer", "code_assistant"), minutes=(180, 300), changes={"cost": ("times", 1.65)},
         shows=("LLMCostPerCallDrift",), may=_MONEY, first_day=8),
    Kind(name="retry storm", workflows=("lead_triage", "translate", "sales_email"), minutes=(30, 60),
         changes={"retries": ("set", 1.5), "seconds": ("times", 2)}, shows=("LLMRetryStorm",), may=_SLOW, spike=True),
    Kind(name="rate limits", workflows=("support_answer", "code_assistant"), minutes=(30, 60),
         changes={"limited": ("set", 0.4), "retries": ("set", 0.7), "seconds": ("times", 1.5)},
         shows=("LLMRateLimitPressure",), may=("LLMRetryStorm", *_SLOW), spike=True),
    Kind(name="prompt regression", workflows=("lead_triage", "sales_email", "support_answer"), minutes=(480, 1200),
         changes={"score": ("plus", -0.25)}, shows=("LLMEvaluationBelowTarget",)),
    Kind(name="silent stop", workflows=("lead_triage", "translate", "support_answer"), minutes=(60, 180), changes={"calls": ("set", 0)},
         shows=("LLMTelemetryQuiet",), first_day=1),
    Kind(name="silent stop of a rare workflow", workflows=("audit",), minutes=(720, 900), changes={"calls": ("set", 0)},
         shows=("LLMTelemetryQuiet",), times=1, first_day=9),
    Kind(name="slow answers", workflows=("support_answer", "lead_triage"), minutes=(45, 90), changes={"seconds": ("times", 12)},
         shows=("LLMSlowAnswers",), may=_SLOW),
    Kind(name="slow first chunks", workflows=("support_answer", "code_assistant"), minutes=(45, 90), changes={"chunk": ("times", 10)},
         shows=("LLMSlowFirstChunk",)),
    Kind(name="hanging tools", workflows=("lead_triage", "support_answer"), minutes=(45, 90), changes={"run_seconds": ("times", 15)},
         shows=("LLMRunsOverTime",)),
    Kind(name="guardrail attack", workflows=("lead_triage", "support_answer", "translate"), minutes=(30, 60), changes={"blocked": ("set", 0.4)},
         shows=("LLMGuardrailBlockSpike",)),
    Kind(name="empty index", workflows=("support_answer", "lead_triage", "sales_email"), minutes=(45, 120), changes={"empty": ("set", 0.75)},
         shows=("LLMEmptyRetrievalSpike",)),
    Kind(name="fallbacks", workflows=("lead_triage", "sales_email", "translate"), minutes=(60, 120), changes={"fallen_back": ("set", 0.5)},
         shows=("LLMFallbackShare",)),
    Kind(name="reviews left lying", workflows=("contract_review", "lead_triage"), minutes=(360, 480), changes={"reviewing": ("set", 0)},
         shows=("LLMReviewBacklog",), hours=(8.5, 9.5)),
    Kind(name="model without a price", workflows=("sales_email", "translate"), minutes=(60, 240), changes={"unpriced": ("set", 0.1)},
         shows=("LLMUnpricedModel",)),
    Kind(name="a day over budget", workflows=("lead_triage", "support_answer"), minutes=(1440, 1440), changes={"calls": ("times", 1.85)},
         shows=("LLMBudgetForecast", "LLMBudgetSpent"), may=_MONEY, hours=(0, 0), first_day=3),
    Kind(name="a budget burnt in an hour", workflows=("lead_triage", "support_answer"), minutes=(80, 120), changes={"cost": ("times", 12)},
         shows=("LLMBudgetBurn", "LLMBudgetSpent"), may=_MONEY, hours=(10, 15)),
    Kind(name="new spending", workflows=("trial_agent",), minutes=(120, 240), changes={}, shows=("LLMCostSpikeNewWorkflow",), times=1, first_day=4,
         may=("LLMTelemetryQuiet",)),
    Kind(name="collector down", workflows=_PLATFORM, minutes=(8, 40), changes={"up": ("set", 0)}, shows=("LLMCollectorDown",),
         hours=(0, 23), weekdays=False),
    Kind(name="telemetry lost", workflows=_PLATFORM, minutes=(10, 30), changes={"lost": ("set", 40)}, shows=("LLMTelemetryLost",),
         may=("LLMQueueFilling",), hours=(0, 23), weekdays=False),
    Kind(name="telemetry refused", workflows=_PLATFORM, minutes=(15, 40), changes={"refused": ("set", 200)}, shows=("LLMTelemetryRefused",),
         hours=(0, 23), weekdays=False),
    Kind(name="queue fills", workflows=_PLATFORM, minutes=(20, 60), changes={"queue": ("set", 0.9)}, shows=("LLMQueueFilling",),
         hours=(0, 23), weekdays=False),
    Kind(name="series overflow", workflows=_PLATFORM, minutes=(120, 300), changes={"series": ("times", 30)}, shows=("LLMSeriesOverflow",),
         hours=(0, 23), times=1, weekdays=False),
)  # fmt: skip


def schedule(seed: int, first_weekday: int, holidays: tuple[int, ...]) -> list[Incident]:
    """Draw when each kind happens; two incidents of one workflow keep a quarter of a day between them."""
    random = Random(f"incidents {seed}")
    placed: list[Incident] = []
    for kind in sorted(KINDS, key=lambda kind: -kind.minutes[1]):
        for nth in range(kind.times):
            placed.append(_placed(kind, nth, random, placed, first_weekday, holidays))
    return sorted(placed, key=lambda incident: incident.start_s)


def _placed(kind: Kind, nth: int, random: Random, placed: list[Incident], first: int, holidays: tuple[int, ...]) -> Incident:
    for _ in range(2000):
        workflow = kind.workflows[nth % len(kind.workflows)] if _ < 500 else random.choice(kind.workflows)
        lasts_s = random.uniform(*kind.minutes) * MINUTE_S
        day = random.randrange(kind.first_day, DAYS - 1 - int(lasts_s // DAY_S))
        if kind.weekdays and ((first + day) % 7 >= 5 or day in holidays):
            continue
        start_s = (day * DAY_S + random.uniform(*kind.hours) * HOUR_S) // STEP_S * STEP_S
        found = _of(kind, workflow, start_s, start_s + lasts_s)
        if not any(_clash(found, other) for other in placed):
            return found
    raise RuntimeError(f"no room for {kind.name}")


def _of(kind: Kind, workflow: str, start_s: float, end_s: float) -> Incident:
    if workflow in BY_NAME or workflow in ("", "trial_agent"):
        return Incident(kind, workflow, start_s, end_s)
    first, *others = _called_from(workflow)
    return Incident(kind, first, start_s, end_s, tuple(others))


def _called_from(provider: str) -> Iterator[str]:
    """Give the workflows that a provider's outage reaches, the busiest of the day first."""
    struck = [one for one in BY_NAME.values() if one.provider == provider]
    yield from (one.name for one in sorted(struck, key=lambda one: (one.shape != "office", -one.calls_a_minute)))


def _clash(one: Incident, other: Incident) -> bool:
    apart_s = 6 * HOUR_S
    shared = set(one.struck) & set(other.struck) or "" in one.struck + other.struck and one.kind.name == "collector down"
    return bool(shared) and one.start_s < other.end_s + apart_s and other.start_s < one.end_s + apart_s
