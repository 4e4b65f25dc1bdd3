"""OTLP protobuf that we write by hand, read back with the official messages."""

from __future__ import annotations

from anything import ATTRIBUTES, SPANS
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from otlp_receiver import decode
from told import RESOURCE, span

from tellmetry.emit import otlp_proto


@given(st.lists(SPANS, max_size=4), ATTRIBUTES)
@example([], {})
@example([span(note="x" * 300_000)], RESOURCE)
def test_the_official_messages_read_what_we_write(told, resource):
    request = ExportTraceServiceRequest.FromString(otlp_proto.encode(told, resource))
    read = list(decode(request))
    assert [one.attributes for one in read] == [one.attributes for one in told]
    assert all(one.resource == resource and one.scope == "tellmetry" for one in read)
    for one, official in zip(told, read, strict=True):
        mine = one.identity
        assert int.from_bytes(official.trace_id) == mine.trace_id
        assert int.from_bytes(official.span_id) == mine.span_id
        assert int.from_bytes(official.parent_id) == mine.parent_id
        assert (official.name, official.kind) == (one.name, {"internal": 1, "client": 3}[one.kind])
        assert (official.started_ns, official.ended_ns) == (one.started_ns, one.ended_ns)
        assert official.failed == one.failed
        assert official.flags == (0x300 if mine.parent_is_remote else 0x100)


def test_what_protobuf_has_no_room_for_does_not_stop_the_others():
    """A number beyond 64 bits, half a surrogate pair: the span goes, its value is not what it was."""
    told = [span(1, big=2**70, text="a\ud800b", thing=object()), span(2)]
    read = list(decode(ExportTraceServiceRequest.FromString(otlp_proto.encode(told, RESOURCE))))
    assert [one.attributes["number"] for one in read] == [1, 2]
    assert read[0].attributes["text"] == "a?b"


@given(st.integers(0, 2**40), st.text())
def test_the_answer_says_how_many_spans_were_rejected(count, message):
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = count
    answer.partial_success.error_message = message
    assert otlp_proto.rejected(answer.SerializeToString()) == count


@given(st.binary(max_size=64))
def test_an_answer_of_any_kind_is_read(answer):
    assert otlp_proto.rejected(answer) >= 0


def test_an_answer_without_a_word_rejects_nothing():
    for answer in (b"", b"{}", b'{"partialSuccess":{}}', b"<html>ok</html>", ExportTraceServiceResponse().SerializeToString()):
        assert otlp_proto.rejected(answer) == 0
