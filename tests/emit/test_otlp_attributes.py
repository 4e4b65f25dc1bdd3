"""What spans have in common is written once; every value is read back as it was, whatever was written before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tellmetry import names
from tellmetry.emit import otlp_attributes
from tellmetry.emit.attributes import attributes
from tellmetry.record import ModelCall


def read_back(told: Mapping[str, Any]) -> dict[str, Any]:
    """Write attributes and read them with the official message."""
    parts: list[bytes] = []
    otlp_attributes.add(parts, told)
    return {one.key: _value(one.value) for one in Span.FromString(b"".join(parts)).attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    told = getattr(value, kind)
    return tuple(map(_value, told.values)) if kind == "array_value" else told


@pytest.mark.parametrize("number", [0, 1, 127, 128, 129, 255, 256, 16_383, 16_384, 2**40, -1, 0.5, 1e-7, True, False])
def test_numbers_of_every_size(number):
    told = read_back({"a": number})["a"]
    assert (told, type(told)) == (number, type(number))


@pytest.mark.parametrize("size", [0, 1, 90, 123, 124, 125, 126, 127, 128, 200, 16_383, 20_000])
def test_texts_of_every_size(size):
    both = {names.RESPONSE_ID: "\u00e9" * size, "x": "b" * size, "y": ("c" * size, "d"), names.RETRIEVAL_SOURCES: ("e" * size,)}
    assert read_back(both) == both


def test_a_set_of_texts_is_written_once():
    call = {names.CLIENT: "openai", names.REQUEST_MODEL: "m", names.HTTP_STATUS: 200, names.FINISH_REASONS: ("stop",)}
    first, again = (read_back({**call, names.RESPONSE_ID: number, names.INPUT_TOKENS: 5}) for number in ("1", "2"))
    assert (first[names.RESPONSE_ID], again[names.RESPONSE_ID]) == ("1", "2")
    (shape,) = [one for one in otlp_attributes._shapes.values() if one.common == list(call)]
    assert len(shape.sets) == 1


def test_what_is_no_text_this_time_is_not_taken_for_what_equals_it():
    told = [{"one": one, "two": "2"} for one in ("text", 1, True, 1.0, ("a",), (1,), (True,))]
    for one in told + told:
        assert [(type(value), value) for value in read_back(one).values()] == [(type(value), value) for value in one.values()]


@pytest.mark.parametrize("first", [None, "text"])
def test_what_is_none_is_not_set_whatever_was_written_before_it(first):
    otlp_attributes._shapes.clear()
    for value in (first, None, "text", None, 5, "text"):
        record = ModelCall()
        record.operation, record.model, record.request_id, record.dimensions = "chat", value, value, value
        expected = {names.REQUEST_MODEL: value, names.REQUEST_ID: value, names.EMBEDDING_DIMENSIONS: value}
        told = read_back(attributes(record))
        assert told.pop(names.OPERATION) == "chat"
        assert told == {name: value for name, value in expected.items() if value is not None}


def test_keeps_no_more_than_it_may(monkeypatch):
    monkeypatch.setattr(otlp_attributes, "_MOST_SHAPES", 2)
    monkeypatch.setattr(otlp_attributes, "_MOST_SETS", 3)
    for number in range(10):
        for name in ("a", "b", "c"):
            told = {name: f"{number}", "x": "y"}
            assert read_back(told) == told
    assert len(otlp_attributes._shapes) <= 2
    assert all(len(shape.sets) <= 3 for shape in otlp_attributes._shapes.values())
