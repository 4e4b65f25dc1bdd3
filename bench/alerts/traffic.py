"""Turns workflows, a month and its incidents into what happened in each step: calls, failures, dollars, seconds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from bench.alerts.calendar import AT, DAY, Array, Calendar, demand, wander
from bench.alerts.incidents import Incident
from bench.alerts.series import Counted, Series, counted, observed
from bench.alerts.world import A_DAY, STEP_S, STEPS, WORKFLOWS, Workflow
from tellmetry import names

MAIN = "1"


def generator(seed: int, what: str) -> np.random.Generator:
    """Give the chance of one thing, whatever else is drawn."""
    return np.random.default_rng([seed, zlib.crc32(what.encode())])


class Knobs:
    """What incidents turn: each is a value for every step."""

    def __init__(self, workflow: Workflow) -> None:
        self.values: dict[str, Array] = {
            "calls": np.ones(STEPS), "cost": np.ones(STEPS), "failed": np.full(STEPS, 0.003), "retries": np.full(STEPS, 0.02),
            "limited": np.full(STEPS, 0.002), "seconds": np.ones(STEPS), "run_seconds": np.ones(STEPS), "chunk": np.ones(STEPS),
            "blocked": np.full(STEPS, workflow.blocked), "empty": np.full(STEPS, 0.06), "score": np.full(STEPS, workflow.score),
            "fallen_back": np.full(STEPS, workflow.fallen_back), "reviewing": np.ones(STEPS), "unpriced": np.zeros(STEPS),
        }  # fmt: skip

    def turn(self, incident: Incident) -> None:
        """Apply an incident."""
        apply(self.values, incident)

    def __getitem__(self, name: str) -> Array:
        return self.values[name]


def apply(values: dict[str, Array], incident: Incident) -> None:
    """Change the values of the steps that an incident lasts."""
    when = slice(int(incident.start_s / STEP_S), int(incident.end_s / STEP_S))
    for name, (how, by) in incident.kind.changes.items():
        if how == "times":
            values[name][when] *= by
        elif how == "plus":
            values[name][when] += by
        elif how == "set":
            values[name][when] = by
        else:
            values[name][when] *= np.linspace(1, by, len(values[name][when]))


def _ordinary_trouble(knobs: Knobs, draw: np.random.Generator) -> None:
    """Add what every provider has now and then and nobody should be woken for: minutes of slowness or a few failures."""
    for _ in range(25):
        begin, steps = draw.integers(0, STEPS - 10), draw.integers(2, 7)
        knobs["failed"][begin : begin + steps] += draw.uniform(0.03, 0.15)
        knobs["retries"][begin : begin + steps] += draw.uniform(0.05, 0.3)
    for _ in range(25):
        begin, steps = draw.integers(0, STEPS - 10), draw.integers(2, 7)
        knobs["seconds"][begin : begin + steps] *= draw.uniform(1.5, 3)


def _prices(workflow: Workflow, month: Calendar, draw: np.random.Generator) -> Array:
    """Give how the price of a call moves for good reasons: price lists, prompt releases, the size of what is asked."""
    price = np.ones(STEPS)
    if workflow.provider == "openai":
        price[month.cheaper * A_DAY + A_DAY // 2 :] *= 0.85
    if workflow.provider == "anthropic":
        price[month.dearer * A_DAY + A_DAY // 2 :] *= 1.1
    for day in month.releases:
        price[int((day + 0.45) * A_DAY) :] *= draw.uniform(0.92, 1.08)
    return price * wander(draw, 0.04, 120)


def of_workflow(workflow: Workflow, month: Calendar, incidents: Sequence[Incident], cuts: Sequence[tuple[int, int]]) -> Iterator[Series]:
    """Give all series of one workflow; `cuts` are the steps during which the Collector is away."""
    draw = generator(month.seed, workflow.name)
    knobs = Knobs(workflow)
    _ordinary_trouble(knobs, draw)
    for incident in incidents:
        knobs.turn(incident)
    usual = demand(workflow, month, draw)
    calls = draw.poisson(usual * knobs["calls"]).astype(float)
    runs = draw.poisson(usual * np.minimum(knobs["calls"], 1) / workflow.calls_a_run).astype(float)
    who = {
        names.SERVICE_NAME: workflow.service, names.ENVIRONMENT: "prod", names.WORKFLOW: workflow.name, names.OWNER: workflow.owner,
    }  # fmt: skip
    found = [
        *_calls(workflow, month, knobs, calls, who, draw),
        *_runs(workflow, knobs, runs, who, draw),
    ]
    for one in found:
        yield counted(one, cuts)
    call = {**who, **_model(workflow)}
    steady = wander(draw, 0.12, 60)
    seconds = workflow.seconds * knobs["seconds"] * steady
    yield from observed(names.LATENCY, {**call, names.ERROR_TYPE: names.NO_VALUE}, calls, seconds, draw, cuts)
    if workflow.first_chunk_s:
        late = workflow.first_chunk_s * knobs["chunk"] * np.sqrt(knobs["seconds"]) * steady
        yield from observed(names.FIRST_CHUNK, call, calls, late, draw, cuts)
    if workflow.max_seconds:
        yield from observed(names.RUN_LATENCY, who, runs, seconds * workflow.calls_a_run * 1.2 * knobs["run_seconds"], draw, cuts)


def _model(workflow: Workflow) -> dict[str, str]:
    operation = "embeddings" if "embedding" in workflow.model else "chat"
    return {names.OPERATION: operation, names.PROVIDER: workflow.provider, names.REQUEST_MODEL: workflow.model}


def _calls(workflow: Workflow, month: Calendar, knobs: Knobs, calls: Array, who: dict[str, str], draw: np.random.Generator) -> Iterator[Counted]:
    call = {**who, **_model(workflow)}
    failed = draw.binomial(calls.astype(int), np.clip(knobs["failed"], 0, 1)).astype(float)
    usd = workflow.usd_a_call * knobs["cost"] * _prices(workflow, month, draw)
    unpriced = draw.binomial(calls.astype(int), knobs["unpriced"]).astype(float)
    paid = calls - failed - unpriced
    cost = draw.gamma(np.maximum(paid, 1e-9), 1.0) * usd * (paid > 0)  # calls differ as exponentials do
    retries = draw.poisson(calls * knobs["retries"])
    sent = calls + retries
    limited = draw.binomial(sent.astype(int), knobs["limited"]).astype(float)
    for number, (begin, end) in enumerate(_versions(month), 1):
        here = (begin <= AT) & (end > AT)
        said = {names.PROMPT_NAME: workflow.name, names.PROMPT_VERSION: str(number)}
        yield Counted(names.CALLS, {**call, **said, names.ERROR_TYPE: names.NO_VALUE}, (calls - failed) * here)
        yield Counted(names.CALLS, {**call, **said, names.ERROR_TYPE: "APIStatusError"}, failed * here)
        paid_for = {names.USAGE_ESTIMATED: names.NO_VALUE, names.FALLBACK_FROM: names.NO_VALUE}
        yield Counted(names.COST, {**call, **said, **paid_for}, cost * here)
    yield Counted(names.SENT, call, sent)
    yield Counted(names.RATE_LIMITS, call, limited)
    yield Counted(names.UNPRICED_CALLS, {**call, names.REQUEST_MODEL: f"{workflow.model}-preview"}, unpriced)


def _versions(month: Calendar) -> list[tuple[int, int]]:
    edges = [0, *(int((day + 0.45) * A_DAY) for day in month.releases), STEPS]
    return list(zip(edges, edges[1:], strict=False))


def _runs(workflow: Workflow, knobs: Knobs, runs: Array, who: dict[str, str], draw: np.random.Generator) -> Iterator[Counted]:
    whole = runs.astype(int)
    fallen = draw.binomial(whole, knobs["fallen_back"]).astype(float)
    plain = {names.RESULT: "done", names.RESULT_REASON: names.NO_VALUE, names.ERROR_TYPE: names.NO_VALUE}
    yield Counted(names.RUNS, {**who, **plain, names.FALLBACK_REASON: names.NO_VALUE}, runs - fallen)
    yield Counted(names.RUNS, {**who, **plain, names.FALLBACK_REASON: "error"}, fallen)
    if workflow.source:
        source = {**who, names.DATA_SOURCE: workflow.source, names.PROVIDER: names.NO_VALUE}
        yield Counted(names.RETRIEVALS, {**source, names.ERROR_TYPE: names.NO_VALUE}, runs)
        yield Counted(names.EMPTY_RETRIEVALS, source, draw.binomial(whole, knobs["empty"]).astype(float))
    if workflow.guardrail:
        blocked = draw.binomial(whole, knobs["blocked"]).astype(float)
        check = {**who, names.GUARDRAIL_NAME: workflow.guardrail, names.GUARDRAIL_TARGET: "input"}
        yield Counted(names.GUARDRAILS, {**check, names.GUARDRAIL_OUTCOME: "pass", names.GUARDRAIL_REASON: names.NO_VALUE}, runs - blocked)
        yield Counted(names.GUARDRAILS, {**check, names.GUARDRAIL_OUTCOME: "block", names.GUARDRAIL_REASON: "policy"}, blocked)
    if workflow.metric:
        scored = draw.binomial(whole, workflow.scored).astype(float)
        right = draw.binomial(scored.astype(int), np.clip(knobs["score"], 0, 1)).astype(float)
        score = {**who, names.EVALUATION_NAME: workflow.metric, names.PROMPT_NAME: workflow.name, names.PROMPT_VERSION: MAIN}
        yield Counted(names.EVALUATIONS, score, scored)
        yield Counted(names.SCORES, score, right)
    if workflow.reviewed:
        asked = draw.binomial(whole, workflow.reviewed).astype(float)
        review = {**who, names.REVIEW_NAME: "approval"}
        yield Counted(names.REVIEWS, {**review, names.REVIEW_STATE: "requested"}, asked)
        yield Counted(names.REVIEWS, {**review, names.REVIEW_STATE: "approved"}, _decided(asked, knobs["reviewing"]))


def _decided(asked: Array, reviewing: Array) -> Array:
    """Have people decide a quarter of an hour after they are asked, faster than they are asked when much has piled up."""
    late = int(900 / STEP_S)
    due = np.concatenate([np.zeros(late), np.cumsum(asked)[:-late]])
    done, decided = 0.0, np.zeros(STEPS)
    for step in range(STEPS):
        if reviewing[step] and due[step] > done:
            decided[step] = min(due[step] - done, 2.0)
            done += decided[step]
    return decided


def trial(incidents: Sequence[Incident], seed: int, cuts: Sequence[tuple[int, int]]) -> Iterator[Series]:
    """Give the series of what nobody announced: a new agent that spends 25 dollars an hour while its incident lasts."""
    draw = generator(seed, "trial")
    who = {names.SERVICE_NAME: "lab", names.ENVIRONMENT: "prod", names.WORKFLOW: "trial_agent", names.OWNER: "lab"}
    call = {**who, names.OPERATION: "chat", names.PROVIDER: "openai", names.REQUEST_MODEL: "gpt-5"}
    calls = np.zeros(STEPS)
    for incident in incidents:
        calls[int(incident.start_s / STEP_S) : int(incident.end_s / STEP_S)] = 5
    made = draw.poisson(calls).astype(float)
    said = {names.PROMPT_NAME: names.NO_VALUE, names.PROMPT_VERSION: names.NO_VALUE}
    yield counted(Counted(names.CALLS, {**call, **said, names.ERROR_TYPE: names.NO_VALUE}, made), cuts)
    dollars = draw.gamma(np.maximum(made, 1e-9), 1.0) * 0.042 * (made > 0)
    estimated = {names.USAGE_ESTIMATED: names.NO_VALUE, names.FALLBACK_FROM: names.NO_VALUE}
    yield counted(Counted(names.COST, {**call, **said, **estimated}, dollars), cuts)


__all__ = ["DAY", "WORKFLOWS", "apply", "generator", "of_workflow", "trial"]
