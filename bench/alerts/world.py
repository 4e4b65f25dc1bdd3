"""Who calls models in the simulated company, when, how often and at what price: what an ordinary month looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAYS = 31  # the first is the day of installation, which is not judged
STEP_S = 30
A_DAY = 86_400 // STEP_S
STEPS = DAYS * A_DAY

Shape = Literal["always", "office", "evening", "night", "rare", "bursts", "monday"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One workflow on an ordinary day. Shares are of runs where nothing else is said."""

    name: str
    owner: str
    service: str
    provider: str
    model: str
    shape: Shape
    calls_a_minute: float  # at its busiest
    usd_a_call: float
    calls_a_run: float = 1.0
    seconds: float = 2.0  # median of a call
    first_chunk_s: float | None = None
    source: str | None = None
    guardrail: str | None = None
    blocked: float = 0.01
    metric: str | None = None
    score: float = 0.95
    target: float | None = None
    scored: float = 0.05
    reviewed: float = 0.0
    fallen_back: float = 0.01
    daily_budget_usd: float | None = None
    max_seconds: float | None = None
    growth_a_month: float = 1.0
    from_day: float = 0.0


WORKFLOWS: tuple[Workflow, ...] = (
    Workflow(
        name="lead_triage", owner="ops", service="worker", provider="openai", model="gpt-5-mini", shape="always",
        calls_a_minute=40, usd_a_call=0.004, calls_a_run=2, source="crm", guardrail="pii", metric="correct_route_rate",
        score=0.96, target=0.92, reviewed=0.03, daily_budget_usd=200, max_seconds=40,
    ),
    Workflow(
        name="support_answer", owner="support", service="web", provider="anthropic", model="claude-sonnet-5", shape="evening",
        calls_a_minute=60, usd_a_call=0.006, seconds=4, first_chunk_s=0.7, source="kb", guardrail="injection", blocked=0.004,
        metric="helpfulness", score=0.90, target=0.85, scored=0.03, daily_budget_usd=360, max_seconds=60,
    ),
    Workflow(
        name="contract_review", owner="legal", service="worker", provider="anthropic", model="claude-opus-5", shape="office",
        calls_a_minute=3, usd_a_call=0.08, calls_a_run=4, seconds=8, metric="clause_recall", score=0.94, target=0.9,
        scored=0.5, reviewed=0.4, max_seconds=300,
    ),
    Workflow(
        name="code_assistant", owner="dev", service="ide", provider="openai", model="gpt-5", shape="office",
        calls_a_minute=90, usd_a_call=0.008, calls_a_run=6, seconds=3, first_chunk_s=0.9, growth_a_month=1.5,
    ),
    Workflow(
        name="translate", owner="web", service="web", provider="google", model="gemini-3-flash", shape="always",
        calls_a_minute=120, usd_a_call=0.0004, seconds=0.8, guardrail="toxicity", blocked=0.06,
    ),
    Workflow(
        name="nightly_digest", owner="data", service="batch", provider="openai", model="gpt-5-mini", shape="night",
        calls_a_minute=200, usd_a_call=0.0012, seconds=5,
    ),
    Workflow(
        name="index_documents", owner="search", service="batch", provider="openai", model="text-embedding-3-small",
        shape="bursts", calls_a_minute=600, usd_a_call=0.00002, seconds=0.3,
    ),
    Workflow(
        name="sales_email", owner="growth", service="worker", provider="anthropic", model="claude-haiku-5", shape="office",
        calls_a_minute=15, usd_a_call=0.003, source="catalogue", reviewed=0.1, fallen_back=0.03, metric="tone", score=0.97,
        target=0.9, scored=0.2,
    ),
    Workflow(
        name="audit", owner="risk", service="worker", provider="openai", model="gpt-5", shape="rare",
        calls_a_minute=0.25, usd_a_call=0.05, seconds=10,
    ),
    Workflow(
        name="weekly_report", owner="finance", service="batch", provider="anthropic", model="claude-sonnet-5",
        shape="monday", calls_a_minute=30, usd_a_call=0.004, seconds=6,
    ),
    # A launch: new on the ninth day, and in ordinary use from then on.
    Workflow(
        name="voice_notes", owner="mobile", service="app", provider="openai", model="gpt-5-mini", shape="evening",
        calls_a_minute=25, usd_a_call=0.004, calls_a_run=2, from_day=9.4,
    ),
)  # fmt: skip
BY_NAME = {workflow.name: workflow for workflow in WORKFLOWS}
