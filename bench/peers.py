"""Who is measured beside us: what each needs installed and the lines with which an app switches it on.

`arm` is run where instructions are counted: its spans go to `nowhere`, behind the processors that the peer's own
documentation sets up. `start` is what an app writes at its top, with the peer's own exporter.
"""

from __future__ import annotations

from typing import NamedTuple

OPENAI = "openai>=3,<4"
OTEL = ("opentelemetry-sdk", "opentelemetry-exporter-otlp")


class Peer(NamedTuple):
    """One row of the tables."""

    name: str
    says: str
    requires: tuple[str, ...]
    arm: str = ""
    start: str = ""
    late: str = ""  # what has to wait until the client is used
    disarm: str = ""  # what takes `arm` out again, where that can be done
    retrieval: str = ""  # `retrieve(ids)`, where the peer has an API for retrievals of the app's own
    guardrail: str = ""  # `check()`, likewise
    against: str = "plain"  # whose figures are taken away
    overrides: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    env: str = ""  # whose environment it shares, where that is not its own

    @property
    def environment(self) -> str:
        """Name of the virtual environment."""
        return self.env or self.name


_PROVIDERS = "from bench.nowhere import providers\ntracers, meters = providers()\n"
_OTLP = """
from opentelemetry import trace, metrics
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(tracers)
"""
_OTLP_METRICS = """
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))
"""
_OURS = """
import tellmetry
tellmetry.enable("local")
tellmetry.workflow("bench", owner="bench").__enter__()
tellmetry.prompt("bench", "1").__enter__()
"""
_OUR_END = "from tellmetry.engine import patch\npatch.disarm()\n"
_OUR_RETRIEVAL = """
import tellmetry
def retrieve(ids, scores):
    with tellmetry.retrieval("kb", top_k=5) as found:
        found.results(ids, scores=scores, ids=ids)
"""
_OUR_GUARDRAIL = """
import tellmetry
def check():
    with tellmetry.guardrail("pii", target="output") as mine:
        mine.flag("pii")
"""
_GENAI = "from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor\nOpenAIInstrumentor().instrument()\n"
_OPENINFERENCE = """
from openinference.instrumentation.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument(tracer_provider=tracers)
"""
_OPENLLMETRY = "from opentelemetry.instrumentation.openai import OpenAIInstrumentor\nOpenAIInstrumentor().instrument()\n"
_BARE = "from bench import bare\nbare.arm()\n"

PEERS = (
    Peer("plain", "openai alone", (OPENAI,)),
    Peer("plain2", "openai 2 alone, for OpenLIT, which does not take 3", ("openai==2.54.0",), against=""),
    Peer(
        "tellmetry", "ours: cost, prompt version, workflow; encoded as OTLP", (OPENAI, "tellmetry"),
        arm=_OURS + "from bench.nowhere import own_way_out\nown_way_out()\n", disarm=_OUR_END,
        retrieval=_OUR_RETRIEVAL, guardrail=_OUR_GUARDRAIL,
    ),
    Peer(
        "tellmetry-app", "ours, through the app's own TracerProvider", (OPENAI, "tellmetry"),
        arm=_PROVIDERS + _OURS, disarm=_OUR_END, env="tellmetry", retrieval=_OUR_RETRIEVAL, guardrail=_OUR_GUARDRAIL,
    ),
    Peer(
        "bare", "a span and two histograms by hand, no cost", (OPENAI, *OTEL),
        arm=_PROVIDERS + _BARE, disarm="from bench import bare\nbare.disarm()\n", start=_OTLP + _OTLP_METRICS, late=_BARE,
        retrieval="from bench.bare import retrieve\n", guardrail="from bench.bare import check\n",
    ),
    Peer(
        "genai", "OpenTelemetry's official package, content off",
        (OPENAI, *OTEL, "opentelemetry-instrumentation-genai-openai"),
        arm=_PROVIDERS + _GENAI, start=_OTLP + _OTLP_METRICS + _GENAI,
    ),
    Peer(
        "openinference", "OpenInference", (OPENAI, *OTEL, "openinference-instrumentation-openai"),
        arm=_PROVIDERS + _OPENINFERENCE, start=_OTLP + _OPENINFERENCE,
        retrieval="""
import json
from openinference.instrumentation import OITracer, TraceConfig
from opentelemetry import trace
tracer = OITracer(trace.get_tracer("bench"), config=TraceConfig())
def retrieve(ids, scores):
    with tracer.start_as_current_span("kb", openinference_span_kind="retriever") as span:
        for at, (one, score) in enumerate(zip(ids, scores)):
            span.set_attribute(f"retrieval.documents.{at}.document.id", one)
            span.set_attribute(f"retrieval.documents.{at}.document.score", score)
""",
        guardrail="""
def check():
    with tracer.start_as_current_span("pii", openinference_span_kind="guardrail") as span:
        span.set_attribute("outcome", "flag")
""",
    ),
    Peer(
        "openllmetry", "OpenLLMetry", (OPENAI, *OTEL, "opentelemetry-instrumentation-openai", "traceloop-sdk", "httpx"),
        arm=_PROVIDERS + _OPENLLMETRY,
        start='from traceloop.sdk import Traceloop\nTraceloop.init(app_name="bench", api_endpoint="http://localhost:4318")\n',
        variables=(("TRACELOOP_TELEMETRY", "false"),),
    ),
    Peer(
        "openlit", "OpenLIT (over openai 2)", ("openai==2.54.0", *OTEL, "openlit"),
        arm=_PROVIDERS + "import openlit\nopenlit.init(disable_events=True)\n",
        start='import openlit\nopenlit.init(otlp_endpoint="http://localhost:4318")\n',
        against="plain2",
    ),
    Peer(
        "logfire", "Logfire", (OPENAI, *OTEL, "logfire"),
        arm="""
import logfire
from bench.nowhere import processor
logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[processor()])
logfire.instrument_openai()
""",
        start="import logfire\nlogfire.configure(send_to_logfire=False, console=False)\nlogfire.instrument_openai()\n",
        retrieval="""
import logfire
def retrieve(ids, scores):
    with logfire.span("kb", top_k=5) as span:
        span.set_attribute("ids", list(ids))
        span.set_attribute("scores", list(scores))
""",
        guardrail="""
def check():
    with logfire.span("pii", target="output") as span:
        span.set_attribute("outcome", "flag")
""",
        overrides=("certifi>=2024",),
    ),
    Peer(
        "langfuse", "Langfuse", (OPENAI, "langfuse"),
        arm="""
from langfuse import Langfuse
from bench.nowhere import Nowhere
langfuse = Langfuse(public_key="pk-lf-1", secret_key="sk-lf-1", host="http://localhost:9", span_exporter=Nowhere())
import langfuse.openai
""",
        start="""
from langfuse import Langfuse
langfuse = Langfuse(public_key="pk-lf-1", secret_key="sk-lf-1", host="http://localhost:9")
import langfuse.openai
""",
        retrieval="""
from langfuse import get_client
def retrieve(ids, scores):
    with get_client().start_as_current_observation(as_type="retriever", name="kb") as span:
        span.update(output=list(ids), metadata={"scores": list(scores)})
""",
        guardrail="""
def check():
    with get_client().start_as_current_observation(as_type="guardrail", name="pii") as span:
        span.update(output="flag")
""",
    ),
    Peer(
        "ddtrace", "Datadog's ddtrace, LLM Observability on", (OPENAI, "ddtrace"),
        arm='from bench.nowhere import datadog\ndatadog()\n',
        start='from ddtrace.llmobs import LLMObs\nLLMObs.enable(ml_app="bench", agentless_enabled=False)\n',
        variables=(("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false"), ("DD_REMOTE_CONFIGURATION_ENABLED", "false")),
    ),
)  # fmt: skip

BY_NAME = {peer.name: peer for peer in PEERS}
