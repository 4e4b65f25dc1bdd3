"""Guardrails AI keeps the contract: fixed is not passed, and what raises has stopped something."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

pytest.importorskip("guardrails")
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from guardrails import AsyncGuard, Guard  # noqa: E402
from guardrails.validator_base import Validator, register_validator  # noqa: E402
from guardrails_ai.types import FailResult, PassResult, ValidationResult  # noqa: E402
from guards import Check, Guards, Library, kit, loop, pytest_generate_tests  # noqa: E402, F401


@register_validator(name="tellmetry/no_shouting", data_type="string")
class NoShouting(Validator):
    """Fails on capitals, and knows what to say instead."""

    def validate(self, value: Any, metadata: dict[str, Any]) -> ValidationResult:
        if value != value.lower():
            return FailResult(error_message=f"{value} shouts", fix_value=value.lower())
        return PassResult()


class Kit:
    """One guard of each side for every way to act on a failure."""

    def __init__(self) -> None:
        self.guards = {
            (kind, act): _guard(kind, act)
            for kind in (Guard, AsyncGuard)
            for act in ("fix", "noop", "refrain", "filter", "reask", "exception")
        }


def _guard(kind: type[Guard], act: str) -> Guard:
    made = kind(name="manners").use(NoShouting(on_fail=act))
    made.configure(allow_metrics_collection=False)
    return made


def validated(kind: type[Guard], act: str, text: str, outcome: Any, reason: str | None = "no_shouting") -> Check:
    return Check(
        lambda kit, ask: kit.guards[kind, act].validate(ask), text, outcome, reason, "output",
        waits=kind is AsyncGuard, raises=act == "exception",
    )  # fmt: skip


def said(*args: Any, **kwargs: Any) -> Iterator[str]:
    yield from ("well, ", f"{kwargs['messages'][0]['content']}. ", "and ", "good-bye.")


class Stream:
    """A stream as LiteLLM gives it."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self.completion_stream = self._each(chunks)

    async def _each(self, chunks: Iterator[str]) -> AsyncIterator[str]:
        for one in chunks:
            yield one


async def said_later(*args: Any, **kwargs: Any) -> Stream:
    return Stream(said(*args, **kwargs))


def streamed(kind: type[Guard], act: str, text: str, outcome: Any, reason: str | None = "no_shouting") -> Check:
    speaks = said_later if kind is AsyncGuard else said
    return Check(
        lambda kit, ask: kit.guards[kind, act](speaks, messages=[{"role": "user", "content": ask}], stream=True),
        text, outcome, reason, "output", waits=kind is AsyncGuard, streams=True, raises=act == "exception",
    )  # fmt: skip


OUTCOMES = {"fix": "modify", "reask": "modify", "noop": "flag", "refrain": "block", "filter": "block", "exception": "block"}


class TestGuardrails(Guards):
    library = Library(
        "guardrails_ai",
        Kit,
        {
            **{
                f"{kind.__name__} {act}": validated(kind, act, "HELLO", outcome)
                for kind in (Guard, AsyncGuard)
                for act, outcome in OUTCOMES.items()
            },
            **{f"{kind.__name__} fine": validated(kind, "fix", "hello", "pass", None) for kind in (Guard, AsyncGuard)},
            **{
                f"{kind.__name__} streamed {act}": streamed(kind, act, "HELLO", OUTCOMES[act])
                for kind in (Guard, AsyncGuard)
                for act in ("fix", "noop", "exception")
            },
            **{
                f"{kind.__name__} streamed fine": streamed(kind, "noop", "hello", "pass", None)
                for kind in (Guard, AsyncGuard)
            },
        },
        "manners",
        deaf=("opentelemetry", "guardrails-ai"),
        # No stream of the plain guard: its own span, which is back where silencing it fails, stays current between
        # two chunks, as it does without us.
        faulted=("Guard fix", "Guard exception", "AsyncGuard exception", "AsyncGuard streamed noop"),
    )
