"""One outcome vocabulary; who says nothing has passed, who raises is an error."""

from __future__ import annotations

import pytest
from recording import Recording

import tellmetry


def test_outcomes(recorded: Recording) -> None:
    for say in ("block", "modify", "flag"):
        with tellmetry.guardrail("pii", target="input") as check:
            getattr(check, say)("email")
    with tellmetry.guardrail("pii"):
        pass
    with pytest.raises(ZeroDivisionError), tellmetry.guardrail("pii"):
        raise ZeroDivisionError
    told = [(one.outcome, one.reason, one.target) for one in recorded.guardrails]
    assert told == [
        ("block", "email", "input"), ("modify", "email", "input"), ("flag", "email", "input"),
        ("pass", None, "output"), ("error", None, "output"),
    ]  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome"), [(True, "pass"), (None, "pass"), (0, "pass"), (False, "block")])
def test_decorator(answer: object, outcome: str, recorded: Recording) -> None:
    @tellmetry.guardrail("pii")
    def check(text: str) -> object:
        return answer

    assert check("x") is answer
    assert recorded.guardrails[0].outcome == outcome


def test_inert_while_nothing_is_recorded() -> None:
    with tellmetry.guardrail("pii") as check:
        check.block("email")
