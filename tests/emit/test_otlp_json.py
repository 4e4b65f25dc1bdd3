"""OTLP JSON lines: what is written is read back, and what was not written by us is an error of one kind only."""

from __future__ import annotations

import json
import math

import pytest
from anything import ATTRIBUTES, SPANS
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from told import RESOURCE, span

from tellmetry.emit import otlp_json


@given(st.lists(SPANS, max_size=4), ATTRIBUTES)
def test_a_line_is_read_back_as_it_was_written(told, resource):
    line = otlp_json.dump(told, resource)
    assert "\n" not in line
    assert list(otlp_json.load(line)) == [(resource, told)]
    assert list(otlp_json.load(line.encode("utf-8", "surrogatepass"))) == [(resource, told)]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have_survive(number):
    line = otlp_json.dump([span(score=number)], RESOURCE)
    json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    (_, (read,)), = otlp_json.load(line)
    assert repr(read.attributes["score"]) == repr(number)


def test_a_line_is_what_the_standard_says():
    """The official JSON mapping reads it: a Collector can, too. (Ids are hexadecimal in OTLP, base64 in plain protobuf.)"""
    told = [span(1, tags=("a", "b"), ok=True, usd=0.5)]
    message = json.loads(otlp_json.dump(told, RESOURCE))
    (read,) = message["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert read.pop("traceId") == f"{told[0].identity.trace_id:032x}"
    assert read.pop("spanId") == f"{told[0].identity.span_id:016x}"
    parsed = json_format.ParseDict(message, TracesData())
    (official,) = parsed.resource_spans[0].scope_spans[0].spans
    assert official.start_time_unix_nano == told[0].started_ns
    assert {pair.key: pair.value.WhichOneof("value") for pair in official.attributes} == {
        "gen_ai.operation.name": "string_value", "gen_ai.request.model": "string_value", "number": "int_value",
        "tags": "array_value", "ok": "bool_value", "usd": "double_value",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "null", "[]", "3", '"resourceSpans"', "{}", '{"resourceLogs": []}', '{"resourceSpans": 3}',
        '{"resourceSpans": [{}]}', '{"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}',
        '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz", "spanId": "1"}]}]}]}', "\x00\x00",
    ],
)  # fmt: skip
def test_a_line_of_another_kind_is_a_value_error(line):
    with pytest.raises(ValueError):
        list(otlp_json.load(line))


@given(SPANS, st.data())
def test_a_torn_line_is_a_value_error(one, data):
    line = otlp_json.dump([one], RESOURCE)
    with pytest.raises(ValueError):
        list(otlp_json.load(line[: data.draw(st.integers(0, len(line) - 1))]))


def test_an_empty_value_is_none_as_in_any_value():
    line = '{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{}}]},"scopeSpans":[]}]}'
    assert list(otlp_json.load(line)) == [({"a": None}, [])]


def test_spans_of_another_writer_are_read():
    """As a Collector's file exporter writes them: more fields, no flags, integers as numbers, kinds we never write."""
    line = json.dumps({"resourceSpans": [{"schemaUrl": "x", "scopeSpans": [{"scope": {"name": "other"}, "spans": [{
        "traceId": "01" * 16, "spanId": "02" * 8, "parentSpanId": "", "name": "n", "kind": 5, "traceState": "a=b",
        "startTimeUnixNano": "1", "endTimeUnixNano": 2, "droppedAttributesCount": 1, "events": [{"name": "e"}],
        "attributes": [{"key": "i", "value": {"intValue": 7}}, {"key": "d", "value": {"doubleValue": 1}}],
    }]}]}]})  # fmt: skip
    ((_, (read,)),) = otlp_json.load(line)
    assert (read.name, read.kind, read.identity.parent_id, read.ended_ns) == ("n", "internal", 0, 2)
    assert read.attributes == {"i": 7, "d": 1.0}
    assert type(read.attributes["d"]) is float
