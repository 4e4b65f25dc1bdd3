"""What is open around a call is written on it, in every task and thread its own."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tellmetry import scope
from tellmetry.names import OUTCOMES
from tellmetry.record import Guardrail, ModelCall, Retrieval, Run


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Run each test with nothing open, and leave nothing open."""
    before = {variable: variable.get() for variable in (scope.RUN, scope.PROMPT, scope.PROFILE, scope.SWITCH, scope.TRAIL)}
    for variable in before:
        variable.set(None)
    yield
    for variable, value in before.items():
        variable.set(value)  # type: ignore[arg-type]


def run(**fields: Any) -> Run:
    opened = Run()
    for name, value in fields.items():
        setattr(opened, name, value)
    scope.RUN.set(opened)
    return opened


def call(operation: str = "chat") -> ModelCall:
    begun = ModelCall()
    begun.operation = operation
    scope.stamp(begun)
    scope.stamp_call(begun)
    return begun


def found(count: int) -> Retrieval:
    record = Retrieval()
    record.count = count
    return record


def checked(outcome: Any, reason: str | None = None) -> Guardrail:
    record = Guardrail()
    record.outcome, record.reason = outcome, reason
    return record


def test_nothing_open() -> None:
    assert vars(call()) == {"operation": "chat"}


def test_a_run_is_responsible() -> None:
    opened = run(run_id="r1", workflow="triage", owner="ops", model_profile="cheap")
    begun = call()
    assert (begun.run, begun.run_id, begun.workflow, begun.owner) == (opened, "r1", "triage", "ops")
    assert begun.model_profile == "cheap"
    scope.PROFILE.set("careful")
    assert call().model_profile == "careful"


def test_a_run_is_not_inside_itself() -> None:
    opened = run(run_id="r1")
    scope.stamp(opened)
    assert opened.run is None


def test_a_prompt_is_stamped_on_what_is_prompted() -> None:
    scope.PROMPT.set(scope.Prompt("refund", "7"))
    assert (call().prompt_name, call().prompt_version) == ("refund", "7")
    assert call("embeddings").prompt_name is None


def test_a_prompt_without_a_version_leaves_the_one_that_is_known() -> None:
    scope.PROMPT.set(scope.Prompt("refund", None))
    begun = ModelCall()
    begun.operation, begun.prompt_version = "chat", "auto:1"
    scope.stamp_call(begun)
    assert (begun.prompt_name, begun.prompt_version) == ("refund", "auto:1")


def test_a_fallback_is_stamped() -> None:
    scope.SWITCH.set(scope.Switch("gpt-5", "timeout"))
    assert (call().fallback_from, call("embeddings").fallback_reason) == ("gpt-5", "timeout")


@pytest.mark.parametrize("inside", [True, False])
def test_retrievals_and_checks_feed_the_next_call(inside: bool) -> None:
    if inside:
        run()
    for record in (found(2), found(3), checked("flag", "pii"), checked("block", "toxic"), checked("pass")):
        scope.feed(record)
    fed = call()
    assert (fed.retrieval_count, fed.guardrail_outcome, fed.guardrail_reason) == (5, "block", "toxic")
    assert call("embeddings").retrieval_count is None
    assert fed.trail is not None
    fed.trail.clear()
    assert (call().retrieval_count, call().guardrail_outcome) == (None, None)


def test_an_empty_retrieval_is_zero() -> None:
    scope.feed(found(0))
    assert call().retrieval_count == 0


def test_checks_without_calls_take_no_room() -> None:
    for number in range(1000):
        scope.feed(checked("flag", f"reason {number}"))
    trail = scope.trail()
    assert {name: getattr(trail, name) for name in trail.__slots__} == {
        "guardrail_outcome": "flag", "guardrail_reason": "reason 0", "retrieved": None,
    }  # fmt: skip


@pytest.mark.parametrize("worse", range(1, len(OUTCOMES)))
def test_the_worst_outcome_stays(worse: int) -> None:
    mild, bad = OUTCOMES[worse - 1], OUTCOMES[worse]
    for order in ((mild, bad), (bad, mild)):
        record = ModelCall()
        for outcome in order:
            scope.worsen(record, outcome, f"why {outcome}")
        assert (record.guardrail_outcome, record.guardrail_reason) == (bad, f"why {bad}")


async def test_tasks_have_their_own() -> None:
    async def one(number: int) -> int | None:
        run(run_id=str(number))
        scope.feed(found(number))
        await asyncio.sleep(0)
        return call().retrieval_count

    assert await asyncio.gather(*(one(number) for number in range(9))) == list(range(9))


def test_a_threads_copied_context_has_its_runs() -> None:
    run(run_id="r1")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(contextvars.copy_context().run, call).result().run_id == "r1"
        assert pool.submit(call).result().run_id is None
