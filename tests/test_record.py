"""A record says what was set and nothing else, under names that stand in one file."""

from __future__ import annotations

import pytest

from tellmetry import names
from tellmetry.emit import spans
from tellmetry.record import KINDS, Check, Guardrail, ModelCall, Record, Retrieval, Run

NAMES = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}


@pytest.mark.parametrize("kind", KINDS)
def test_fields_are_attributes_of_names(kind: type[Record]) -> None:
    assert set(kind.attributes.values()) <= NAMES
    assert len(set(kind.attributes.values())) == len(kind.attributes)
    assert set(Record.attributes) <= set(kind.attributes)
    assert kind.kind in ("client", "internal")


@pytest.mark.parametrize("kind", KINDS)
def test_every_declared_field_says_what_it_is(kind: type[Record]) -> None:
    declared = {name for parent in kind.__mro__ for name in getattr(parent, "__annotations__", ())}
    assert set(kind.attributes) <= declared


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_was_not_set_is_absent(kind: type[Record]) -> None:
    record = kind()
    unset = [name for name in kind.attributes if getattr(record, name) is None]
    assert set(kind.attributes) - set(unset) <= {"operation"}
    record.operation = "chat"
    assert spans.attributes(record) == {names.OPERATION: "chat"}


def test_zero_is_a_value_and_none_is_not() -> None:
    call = ModelCall()
    call.operation, call.input_tokens, call.output_tokens, call.stream = "chat", 0, None, False
    told = spans.attributes(call)
    assert told == {names.OPERATION: "chat", names.INPUT_TOKENS: 0, names.REQUEST_STREAM: False}


def test_what_is_no_attribute_stays_inside() -> None:
    call = ModelCall()
    call.operation, call.output_chars, call.api_url, call.trail = "chat", 7, "http://x", None
    call.answer = lambda: None
    assert spans.attributes(call) == {names.OPERATION: "chat"}


@pytest.mark.parametrize(
    ("kind", "set_", "name"),
    [
        (ModelCall, {"operation": "chat", "model": "gpt-5"}, "chat gpt-5"),
        (ModelCall, {"operation": "chat"}, "chat"),
        (Retrieval, {"source": "handbook"}, "retrieval handbook"),
        (Run, {"workflow_name": "triage"}, "invoke_workflow triage"),
    ],
)
def test_span_names(kind: type[Record], set_: dict[str, str], name: str) -> None:
    record = kind()
    for field, value in set_.items():
        setattr(record, field, value)
    assert record.name == name


def test_records_share_nothing() -> None:
    one, other = ModelCall(), ModelCall()
    one.checked("moderation", "pass", None)
    assert one.checks == (Check("moderation", "pass", None, "output"),)
    assert other.checks == ()


def test_duration() -> None:
    call = ModelCall()
    call.started_ns = 5_000_000_000
    assert call.duration_s == 0.0
    call.ended_ns = 6_500_000_000
    assert call.duration_s == 1.5


def test_the_worst_finding_is_the_outcome_of_a_check() -> None:
    check = Guardrail()
    for outcome, reason in (("pass", None), ("modify", "email"), ("flag", "tone"), ("pass", None)):
        check.found(outcome, reason, "output" if reason == "email" else "input")  # type: ignore[arg-type]
    assert (check.outcome, check.reason, check.target) == ("modify", "email", "output")
