"""An app's own TracerProvider: used from the moment it is set, never replaced, and nothing leaves beside it."""

from __future__ import annotations

import json

import pytest
from otlp_receiver import Receiver
from program import environment, run, stored

from tellmetry import names

OWN = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
memory = InMemorySpanExporter()
theirs = TracerProvider()
theirs.add_span_processor(SimpleSpanProcessor(memory))
def own():
    trace.set_tracer_provider(theirs)
def told():
    assert trace.get_tracer_provider() is theirs
    spans = [
        {"name": span.name, "kind": span.kind.name, "status": span.status.status_code.name, "trace": span.context.trace_id,
         "parent": span.parent and span.parent.span_id, "id": span.context.span_id, "scope": span.instrumentation_scope.name,
         "attributes": dict(span.attributes), "seconds": (span.end_time - span.start_time) / 1e9}
        for span in memory.get_finished_spans()
    ]
    print(json.dumps(spans, default=list))
"""
LOOK = """
import tellmetry
def call():
    with tellmetry.retrieval("kb") as found:
        found.results(1)
"""
CALL = """
import os, openai, tellmetry
client = openai.OpenAI(base_url=os.environ["BASE"], api_key="k", max_retries=0)
def call(text="hi", **more):
    return client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}], **more)
"""


@pytest.fixture
def there(tmp_path, provider):
    """An endpoint that would notice anything that leaves by us."""
    with Receiver() as receiver:
        base = environment(TELLMETRY="on", TELLMETRY_STORE=str(tmp_path / "store"), BASE=provider.openai_url)
        receiver.full_env = base | receiver.env
        receiver.store = tmp_path / "store"
        yield receiver


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_is_a_span_of_the_apps_provider(there, when):
    arming = {"before": OWN + "own()\n" + CALL, "after": OWN + CALL + "own()\n"}[when]
    code = arming + """
with tellmetry.workflow("triage", owner="ops"):
    call()
with trace.get_tracer("app").start_as_current_span("theirs"):
    pass
told()
"""
    ran = run(code, env=there.full_env)
    assert (ran.code, ran.err) == (0, "")
    call, flow, other = json.loads(ran.out)
    assert (call["name"], call["kind"], call["scope"]) == ("chat gpt-4o-mini", "CLIENT", "tellmetry")
    assert (call["parent"], call["trace"]) == (flow["id"], flow["trace"])
    assert call["attributes"][names.COST_USD] > 0
    assert call["attributes"][names.WORKFLOW] == "triage"
    assert flow["attributes"][names.COST_USD] == call["attributes"][names.COST_USD]
    assert call["seconds"] > 0
    assert (other["name"], other["scope"], other["trace"] != call["trace"]) == ("theirs", "app", True)
    assert there.requests == []
    assert stored(there.store) == []


def test_what_was_recorded_before_the_provider_was_set_left_by_us(there):
    code = OWN + LOOK + "call()\nown()\ncall()\ntold()\n"
    ran = run(code, env=there.full_env)
    assert (ran.code, ran.err) == (0, "")
    assert len(json.loads(ran.out)) == 1
    assert len(there.wait(1)) == 1


def test_a_failed_call_and_an_abandoned_stream_are_spans_of_it_too(there):
    code = OWN + "own()\n" + CALL + """
import gc
try:
    call("[[status=500]]")
except openai.InternalServerError:
    pass
stream = call(stream=True)
next(stream)
del stream
gc.collect()
told()
"""
    ran = run(code, env=there.full_env)
    assert (ran.code, ran.err) == (0, "")
    failed, left = json.loads(ran.out)
    assert (failed["status"], failed["attributes"][names.ERROR_TYPE]) == ("ERROR", "InternalServerError")
    assert (left["status"], left["attributes"][names.STREAM_ENDING]) == ("UNSET", "abandoned")


def test_its_sampler_decides(there):
    code = OWN.replace("TracerProvider()", "TracerProvider(sampler=__import__('opentelemetry.sdk.trace.sampling').sdk.trace.sampling.ALWAYS_OFF)")
    ran = run(code + "own()\n" + LOOK + "call()\ntold()\n", env=there.full_env)
    assert (ran.code, ran.err, json.loads(ran.out)) == (0, "", [])
    assert there.requests == []


def test_losses_leave_by_it(there):
    code = OWN + "own()\n" + LOOK + """
from tellmetry import guard
guard.lose("a stage", count=3)
call()
call()
told()
"""
    ran = run(code, env=there.full_env)
    assert [line for line in ran.ours if "a stage" in line]
    spans = json.loads(ran.out)
    (lost,) = [span for span in spans if span["name"] == "tellmetry lost"]
    assert (lost["kind"], lost["parent"]) == ("INTERNAL", None)
    assert lost["attributes"] == {names.OPERATION: "lost", names.LOST_STAGE: "a stage", names.LOST_COUNT: 3}
    assert len(spans) == 3


def test_a_provider_of_the_environment_is_the_apps_own(there):
    """OTEL_PYTHON_TRACER_PROVIDER makes the API load one: it is used, and we send nothing."""
    code = LOOK + """
call()
from opentelemetry import trace
print(type(trace.get_tracer_provider()).__module__)
"""
    ran = run(code, env=there.full_env | {"OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"})
    assert (ran.code, ran.err, ran.out) == (0, "", "opentelemetry.sdk.trace\n")
    assert there.requests == []


def test_we_never_set_the_global_provider(there):
    code = LOOK + """
call()
from opentelemetry import trace
print(type(trace.get_tracer_provider()).__name__)
"""
    ran = run(code, env=there.full_env)
    assert (ran.code, ran.err, ran.out) == (0, "", "ProxyTracerProvider\n")
    assert len(there.wait(1)) == 1
