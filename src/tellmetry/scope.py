"""What is open around the code that runs now: the run, the prompt in use, the model call, what was retrieved.

Plain context variables, so they follow threads' contexts, tasks and copies as the standard library says, and cost
nothing where nobody sets them. Imports neither OpenTelemetry nor a client.
"""

from __future__ import annotations

import random
from contextvars import ContextVar
from typing import Any, NamedTuple

from tellmetry import names
from tellmetry.record import Guardrail, ModelCall, Record, Retrieval, Run


class Prompt(NamedTuple):
    """The prompt that the app says it uses."""

    name: str
    version: str | None


class Switch(NamedTuple):
    """The fallback that is running: what failed and why."""

    failed: str
    reason: str


class Trail:
    """What happened since the last good model call, for the next one: documents retrieved, the worst check."""

    __slots__ = ("guardrail_outcome", "guardrail_reason", "retrieved")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget it: a model call was fed."""
        self.retrieved: int | None = None
        self.guardrail_outcome: names.Outcome | None = None
        self.guardrail_reason: str | None = None


RUN: ContextVar[Run | None] = ContextVar("tellmetry_run", default=None)
PROMPT: ContextVar[Prompt | None] = ContextVar("tellmetry_prompt", default=None)
PROFILE: ContextVar[str | None] = ContextVar("tellmetry_model_profile", default=None)
OPEN: ContextVar[Record | None] = ContextVar("tellmetry_open", default=None)  # the call the engine is in
STEP: ContextVar[Any] = ContextVar("tellmetry_step", default=None)  # the innermost of a framework's (engine/steps.py)
SWITCH: ContextVar[Switch | None] = ContextVar("tellmetry_fallback", default=None)
TRAIL: ContextVar[Trail | None] = ContextVar("tellmetry_trail", default=None)
ALL: tuple[ContextVar[Any], ...] = (RUN, PROMPT, PROFILE, OPEN, STEP, SWITCH, TRAIL)


def trail() -> Trail:
    """Give the trail of the run, or of this context where no run is open."""
    run = RUN.get()
    if run is not None:
        if run.trail is None:
            run.trail = Trail()
        return run.trail
    here = TRAIL.get()
    if here is None:
        here = Trail()
        TRAIL.set(here)
    return here


def new_run(name: str | None) -> Run:
    """Give a run of the workflow `name`, with an id of its own."""
    run = Run()
    run.workflow = run.workflow_name = name
    run.run_id = f"{random.getrandbits(64):016x}"
    return run


def stamp(record: Record) -> None:
    """Write who is responsible on a record that begins now."""
    run = RUN.get()
    if run is not None and run is not record:
        record.run = run
        if not isinstance(record, Run):  # which has a name and an id of its own
            record.run_id = run.run_id
            record.workflow = run.workflow
        if run.owner is not None and record.owner is None:
            record.owner = run.owner
        if run.model_profile is not None and record.model_profile is None:
            record.model_profile = run.model_profile
    profile = PROFILE.get()
    if profile is not None:
        record.model_profile = profile


_PROMPTED = ("chat", "text_completion", "generate_content", "image_generation")


def stamp_prompt(call: ModelCall) -> None:
    """Write the declared prompt on a model call, before its request is read: no version is worked out in vain."""
    prompt = PROMPT.get()
    if prompt is not None and call.operation in _PROMPTED:
        call.prompt_name = prompt.name
        if prompt.version is not None:
            call.prompt_version = prompt.version


def stamp_call(call: ModelCall) -> None:
    """Write on a model call what led to it: prompt, fallback, retrievals and guardrail checks since the last one."""
    switch = SWITCH.get()
    if switch is not None:
        call.fallback_from, call.fallback_reason = switch
    if call.operation not in _PROMPTED:
        return
    stamp_prompt(call)
    run = RUN.get()
    before = run.trail if run is not None else TRAIL.get()
    if before is not None:
        call.trail = before
        if before.retrieved is not None:
            call.retrieval_count = before.retrieved
        if before.guardrail_outcome is not None:
            worsen(call, before.guardrail_outcome, before.guardrail_reason)


def whole(record: Record) -> Retrieval | None:
    """Give the retrieval that is open around another, of the app, a framework or a client: both are told as this."""
    if not isinstance(record, Retrieval):
        return None
    outer = OPEN.get()
    return outer if isinstance(outer, Retrieval) and not outer.ended_ns else None


def feed(record: Record) -> None:
    """Let a retrieval or guardrail check that has ended feed the next model call."""
    if isinstance(record, Retrieval) and record.parts:
        record.take_parts()
    if isinstance(record, Retrieval) and record.count is not None:
        before = trail()
        before.retrieved = (before.retrieved or 0) + record.count
    elif isinstance(record, Guardrail) and record.outcome is not None:
        worsen(trail(), record.outcome, record.reason)


def worsen(record: ModelCall | Run | Trail, outcome: names.Outcome, reason: str | None) -> None:
    """Keep the worst guardrail outcome on a call, a run or what feeds the next call."""
    known = record.guardrail_outcome
    if known is None or names.OUTCOMES.index(outcome) > names.OUTCOMES.index(known):
        record.guardrail_outcome = outcome
        record.guardrail_reason = reason
