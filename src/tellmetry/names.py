"""Every name that leaves this package, once: span attributes, metrics, units, labels, buckets. Data only.

The Collector's YAML, the dashboards, the alert rules and the docs are checked against or rendered from this file, so a
rename here breaks the build until they follow. `GenAI` names are OpenTelemetry's; names under `tellmetry.` are ours
because the conventions define nothing for them yet (cost: semantic-conventions-genai PR 443, guardrails: PR 427).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCOPE = "tellmetry"

# ---- OpenTelemetry GenAI conventions -----------------------------------------------------------------------------
OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_STREAM = "gen_ai.request.stream"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_TOP_P = "gen_ai.request.top_p"
REQUEST_TOP_K = "gen_ai.request.top_k"
REQUEST_FREQUENCY_PENALTY = "gen_ai.request.frequency_penalty"
REQUEST_PRESENCE_PENALTY = "gen_ai.request.presence_penalty"
REQUEST_SEED = "gen_ai.request.seed"
REQUEST_CHOICES = "gen_ai.request.choice.count"
REQUEST_REASONING_LEVEL = "gen_ai.request.reasoning.level"
REQUEST_PREVIOUS_RESPONSE = "gen_ai.request.previous_response.id"
REQUEST_ENCODING_FORMATS = "gen_ai.request.encoding_formats"
OUTPUT_TYPE = "gen_ai.output.type"
CONVERSATION = "gen_ai.conversation.id"
PROMPT_NAME = "gen_ai.prompt.name"
PROMPT_VERSION = "gen_ai.prompt.version"
RESPONSE_ID = "gen_ai.response.id"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_STATUS = "gen_ai.response.status"
FINISH_REASONS = "gen_ai.response.finish_reasons"
TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens"
INPUT_AUDIO_TOKENS = "gen_ai.usage.audio.input_tokens"
OUTPUT_AUDIO_TOKENS = "gen_ai.usage.audio.output_tokens"
CACHE_READ_AUDIO_TOKENS = "gen_ai.usage.audio.cache_read.input_tokens"
INPUT_IMAGE_TOKENS = "gen_ai.usage.image.input_tokens"
OUTPUT_IMAGE_TOKENS = "gen_ai.usage.image.output_tokens"
EMBEDDING_DIMENSIONS = "gen_ai.embeddings.dimension.count"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_CALL_ID = "gen_ai.tool.call.id"
AGENT_NAME = "gen_ai.agent.name"
WORKFLOW_NAME = "gen_ai.workflow.name"
DATA_SOURCE = "gen_ai.data_source.id"
RETRIEVAL_TOP_K = "gen_ai.retrieval.top_k"
EVALUATION_NAME = "gen_ai.evaluation.name"
EVALUATION_SCORE = "gen_ai.evaluation.score.value"
EVALUATION_LABEL = "gen_ai.evaluation.score.label"
OPENAI_REQUEST_TIER = "openai.request.service_tier"
OPENAI_RESPONSE_TIER = "openai.response.service_tier"
OPENAI_API_TYPE = "openai.api.type"
OPENAI_SYSTEM_FINGERPRINT = "openai.response.system_fingerprint"
BEDROCK_GUARDRAIL = "aws.bedrock.guardrail.id"

# Content: we never record it; the Collector deletes what others record, unless told to keep it.
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions"
TOOL_DEFINITIONS = "gen_ai.tool.definitions"

# ---- OpenTelemetry in general ------------------------------------------------------------------------------------
ERROR_TYPE = "error.type"
HTTP_STATUS = "http.response.status_code"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
MCP_METHOD = "mcp.method.name"
MCP_PROTOCOL = "mcp.protocol.version"
RPC_STATUS = "rpc.response.status_code"
SERVICE_NAME = "service.name"
SERVICE_INSTANCE = "service.instance.id"
ENVIRONMENT = "deployment.environment.name"

# ---- ours --------------------------------------------------------------------------------------------------------
COST_USD = "tellmetry.cost.usd"
COST_SOURCE = "tellmetry.cost.source"
COST_SAVED_USD = "tellmetry.cost.cache_saved_usd"
USAGE_ESTIMATED = "tellmetry.usage.estimated"
CACHE_WRITE_1H_TOKENS = "tellmetry.usage.cache_write_1h.input_tokens"
WEB_SEARCHES = "tellmetry.usage.web_searches"
SEARCH_UNITS = "tellmetry.usage.search_units"
AUDIO_SECONDS = "tellmetry.usage.audio_seconds"
CHARACTERS = "tellmetry.usage.characters"
IMAGES = "tellmetry.usage.images"
WORKFLOW = "tellmetry.workflow"
OWNER = "tellmetry.owner"
RUN_ID = "tellmetry.run.id"
REQUEST_ID = "tellmetry.request.id"
MODEL_PROFILE = "tellmetry.model_profile"
RETRIEVAL_COUNT = "tellmetry.retrieval.count"
RETRIEVAL_TOP_SCORE = "tellmetry.retrieval.top_score"
RETRIEVAL_SOURCES = "tellmetry.retrieval.sources"
GUARDRAIL_NAME = "tellmetry.guardrail.name"
GUARDRAIL_OUTCOME = "tellmetry.guardrail.outcome"
GUARDRAIL_REASON = "tellmetry.guardrail.reason"
GUARDRAIL_TARGET = "tellmetry.guardrail.target"
ATTEMPTS = "tellmetry.attempts"
RETRY_WAIT_S = "tellmetry.retry.wait_s"
RATE_LIMITED = "tellmetry.ratelimit.hits"
REMAINING_REQUESTS = "tellmetry.ratelimit.remaining_requests"
REMAINING_TOKENS = "tellmetry.ratelimit.remaining_tokens"
FALLBACK_FROM = "tellmetry.fallback.from"
FALLBACK_TO = "tellmetry.fallback.to"
FALLBACK_REASON = "tellmetry.fallback.reason"
STREAM_ENDING = "tellmetry.stream.ending"
STREAM_CHUNKS = "tellmetry.stream.chunks"
HANDED_TO = "tellmetry.agent.handed_to"
TOOLS_CALLED = "tellmetry.tools"
RESULT = "tellmetry.result"
RESULT_REASON = "tellmetry.reason"
CONFIDENCE = "tellmetry.confidence"
REVIEW_STATE = "tellmetry.review.state"
REVIEW_NAME = "tellmetry.review.name"
REVIEW_WAIT_S = "tellmetry.review.wait_s"
REVIEW_REVIEWER = "tellmetry.review.reviewer"
EVALUATION_TARGET = "tellmetry.evaluation.target"
RUN_CALLS = "tellmetry.run.calls"
RUN_FAILED_CALLS = "tellmetry.run.failed_calls"
RUN_INPUT_TOKENS = "tellmetry.run.input_tokens"
RUN_OUTPUT_TOKENS = "tellmetry.run.output_tokens"
RUN_RETRIES = "tellmetry.run.retries"
RUN_UNPRICED = "tellmetry.run.unpriced_calls"
CLIENT = "tellmetry.client"
LOST_STAGE = "tellmetry.lost.stage"
LOST_COUNT = "tellmetry.lost.count"

# ---- values ------------------------------------------------------------------------------------------------------
UNPRICED = "unpriced"
FROM_PROVIDER = "provider"
FROM_CLIENT = "client"
FREE = "free"
AUTO_VERSION = "auto:"

Outcome = Literal["pass", "flag", "modify", "error", "block"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "flag", "modify", "error", "block")  # mildest first: the worst one wins
Ending = Literal["completed", "closed", "abandoned", "cancelled", "failed"]
ENDINGS: tuple[Ending, ...] = ("completed", "closed", "abandoned", "cancelled", "failed")
ReviewState = Literal["requested", "approved", "rejected", "edited", "expired"]

# Operations that reach a model and may cost money. The first four are the conventions' own.
MODEL_OPERATIONS = (
    "chat",
    "text_completion",
    "generate_content",
    "embeddings",
    "rerank",
    "moderation",
    "image_generation",
    "transcription",
    "speech",
)
OP_RETRIEVAL = "retrieval"
OP_GUARDRAIL = "guardrail"
OP_WORKFLOW = "invoke_workflow"
OP_AGENT = "invoke_agent"
OP_TOOL = "execute_tool"
OP_REVIEW = "review"
OP_EVALUATION = "evaluation"
OP_FALLBACK = "fallback"
OP_LOST = "lost"


# ---- metrics: derived from spans in the Collector, never in the app ------------------------------------------------
@dataclass(frozen=True, slots=True)
class Metric:
    """One metric that the Collector derives from spans.

    `value` is the span attribute that is summed or observed; None counts spans, `DURATION` takes the span's length in
    seconds. `operations` are the spans it looks at, `when` the attribute that must be present for a span to count.
    """

    name: str
    kind: Literal["sum", "histogram"]
    unit: str
    says: str
    operations: tuple[str, ...]
    labels: tuple[str, ...]
    value: str | None = None
    when: str | None = None
    buckets: tuple[float, ...] = ()

    @property
    def prometheus(self) -> str:
        """Name after Prometheus' OTLP translation, with suffixes; histograms add _bucket, _sum and _count."""
        base = self.name.replace(".", "_")
        if self.kind == "histogram":
            return f"{base}_seconds" if self.unit == "s" and not base.endswith("_seconds") else base
        if self.unit == "s" and not base.endswith("_seconds"):
            base += "_seconds"
        return f"{base}_total"


def label(attribute: str) -> str:
    """Give the Prometheus label of a span or resource attribute: dots become underscores."""
    return attribute.replace(".", "_")


DURATION = "duration"
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
RUN_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6, 1800.0)
WAIT_SECONDS = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 14400.0, 43200.0, 86400.0, 259200.0)

# Resource attributes every series keeps; never the instance, so that a fleet's processes add up to one series.
RESOURCE_LABELS = (SERVICE_NAME, ENVIRONMENT)
_WHO = (WORKFLOW, OWNER)
_CALL = (*_WHO, OPERATION, PROVIDER, REQUEST_MODEL)
_VERSIONED = (*_CALL, PROMPT_NAME, PROMPT_VERSION)

# A label that a span does not carry gets this, so that every series of a metric has the same labels.
NO_VALUE = "none"

CALLS = Metric(
    "llm.calls", "sum", "{call}", "Calls to a model, failed ones included.",
    MODEL_OPERATIONS, (*_VERSIONED, ERROR_TYPE),
)  # fmt: skip
COST = Metric(
    "llm.cost.usd", "sum", "{USD}", "Cost of calls in US dollars; unpriced calls are not in it.",
    MODEL_OPERATIONS, (*_VERSIONED, USAGE_ESTIMATED, FALLBACK_FROM), value=COST_USD, when=COST_USD,
)  # fmt: skip
SAVED = Metric(
    "llm.cost.cache_saved.usd", "sum", "{USD}", "Dollars that cached input saved against the full input price.",
    MODEL_OPERATIONS, _CALL, value=COST_SAVED_USD, when=COST_SAVED_USD,
)  # fmt: skip
UNPRICED_CALLS = Metric(
    "llm.unpriced_calls", "sum", "{call}", "Calls whose model has no known price.",
    MODEL_OPERATIONS, _CALL, when=COST_SOURCE,
)  # fmt: skip
IN_TOKENS = Metric(
    "llm.input_tokens", "sum", "{token}", "Input tokens, cached ones included.",
    MODEL_OPERATIONS, (*_VERSIONED, USAGE_ESTIMATED), value=INPUT_TOKENS, when=INPUT_TOKENS,
)  # fmt: skip
OUT_TOKENS = Metric(
    "llm.output_tokens", "sum", "{token}", "Output tokens, reasoning included.",
    MODEL_OPERATIONS, (*_VERSIONED, USAGE_ESTIMATED), value=OUTPUT_TOKENS, when=OUTPUT_TOKENS,
)  # fmt: skip
CACHED_TOKENS = Metric(
    "llm.cache_read_tokens", "sum", "{token}", "Input tokens read from the provider's cache.",
    MODEL_OPERATIONS, _CALL, value=CACHE_READ_TOKENS, when=CACHE_READ_TOKENS,
)  # fmt: skip
CACHE_WRITTEN_TOKENS = Metric(
    "llm.cache_write_tokens", "sum", "{token}", "Input tokens written to the provider's cache.",
    MODEL_OPERATIONS, _CALL, value=CACHE_WRITE_TOKENS, when=CACHE_WRITE_TOKENS,
)  # fmt: skip
THOUGHT_TOKENS = Metric(
    "llm.reasoning_tokens", "sum", "{token}", "Output tokens spent on reasoning.",
    MODEL_OPERATIONS, _CALL, value=REASONING_TOKENS, when=REASONING_TOKENS,
)  # fmt: skip
LATENCY = Metric(
    "llm.duration", "histogram", "s", "Time from the call to its whole answer, retries included.",
    MODEL_OPERATIONS, (*_CALL, ERROR_TYPE), value=DURATION, buckets=SECONDS,
)  # fmt: skip
FIRST_CHUNK = Metric(
    "llm.time_to_first_chunk", "histogram", "s", "Time from the call to the first chunk of a streamed answer.",
    MODEL_OPERATIONS, _CALL, value=TIME_TO_FIRST_CHUNK, when=TIME_TO_FIRST_CHUNK, buckets=SECONDS,
)  # fmt: skip
SENT = Metric(
    "llm.attempts", "sum", "{request}", "Requests really sent; attempts minus calls are retries.",
    MODEL_OPERATIONS, _CALL, value=ATTEMPTS, when=ATTEMPTS,
)  # fmt: skip
RETRY_WAIT = Metric(
    "llm.retry_wait", "sum", "s", "Seconds spent waiting between attempts.",
    MODEL_OPERATIONS, _CALL, value=RETRY_WAIT_S, when=RETRY_WAIT_S,
)  # fmt: skip
RATE_LIMITS = Metric(
    "llm.rate_limited", "sum", "{request}", "Requests that the provider answered with a rate limit (429).",
    MODEL_OPERATIONS, _CALL, value=RATE_LIMITED, when=RATE_LIMITED,
)  # fmt: skip
STREAMS = Metric(
    "llm.streams", "sum", "{stream}", "Streamed answers by how they ended.",
    MODEL_OPERATIONS, (*_CALL, STREAM_ENDING), when=STREAM_ENDING,
)  # fmt: skip
FINISHES = Metric(
    "llm.finishes", "sum", "{call}", "Calls by the first choice's finish reason.",
    MODEL_OPERATIONS, (*_CALL, FINISH_REASONS), when=FINISH_REASONS,
)  # fmt: skip
RETRIEVALS = Metric(
    "llm.retrievals", "sum", "{retrieval}", "Retrievals, empty and failed ones included.",
    (OP_RETRIEVAL,), (*_WHO, DATA_SOURCE, PROVIDER, ERROR_TYPE),
)  # fmt: skip
EMPTY_RETRIEVALS = Metric(
    "llm.empty_retrievals", "sum", "{retrieval}", "Retrievals that returned nothing.",
    (OP_RETRIEVAL,), (*_WHO, DATA_SOURCE, PROVIDER), when=RETRIEVAL_COUNT,
)  # fmt: skip
RETRIEVED = Metric(
    "llm.retrieved_documents", "sum", "{document}", "Documents that retrievals returned.",
    (OP_RETRIEVAL,), (*_WHO, DATA_SOURCE, PROVIDER), value=RETRIEVAL_COUNT, when=RETRIEVAL_COUNT,
)  # fmt: skip
RETRIEVAL_LATENCY = Metric(
    "llm.retrieval.duration", "histogram", "s", "Time a retrieval took.",
    (OP_RETRIEVAL,), (*_WHO, DATA_SOURCE, PROVIDER), value=DURATION, buckets=SECONDS,
)  # fmt: skip
GUARDRAILS = Metric(
    "llm.guardrails", "sum", "{check}", "Guardrail checks by outcome and reason class.",
    (OP_GUARDRAIL,), (*_WHO, GUARDRAIL_NAME, GUARDRAIL_TARGET, GUARDRAIL_OUTCOME, GUARDRAIL_REASON),
)  # fmt: skip
RUNS = Metric(
    "llm.runs", "sum", "{run}", "Workflow runs by business result.",
    (OP_WORKFLOW,), (*_WHO, RESULT, RESULT_REASON, FALLBACK_REASON, ERROR_TYPE),
)  # fmt: skip
RUN_LATENCY = Metric(
    "llm.run.duration", "histogram", "s", "Time a workflow run took.",
    (OP_WORKFLOW,), _WHO, value=DURATION, buckets=RUN_SECONDS,
)  # fmt: skip
FALLBACKS = Metric(
    "llm.fallbacks", "sum", "{switch}", "Switches to a fallback path, by what failed and why.",
    (OP_FALLBACK,), (*_WHO, FALLBACK_FROM, FALLBACK_TO, FALLBACK_REASON),
)  # fmt: skip
REVIEWS = Metric(
    "llm.reviews", "sum", "{review}", "Human review points by state; opened minus decided is the backlog.",
    (OP_REVIEW,), (*_WHO, REVIEW_NAME, REVIEW_STATE),
)  # fmt: skip
REVIEW_WAIT = Metric(
    "llm.review.wait", "histogram", "s", "Time from a review's request to its decision.",
    (OP_REVIEW,), (*_WHO, REVIEW_NAME), value=REVIEW_WAIT_S, when=REVIEW_WAIT_S, buckets=WAIT_SECONDS,
)  # fmt: skip
EVALUATIONS = Metric(
    "llm.evaluations", "sum", "{score}", "Evaluation scores reported.",
    (OP_EVALUATION,), (*_WHO, EVALUATION_NAME, PROMPT_NAME, PROMPT_VERSION),
)  # fmt: skip
SCORES = Metric(
    "llm.evaluation.score", "sum", "{score}", "Sum of evaluation scores; divide by llm.evaluations for the mean.",
    (OP_EVALUATION,), (*_WHO, EVALUATION_NAME, PROMPT_NAME, PROMPT_VERSION),
    value=EVALUATION_SCORE, when=EVALUATION_SCORE,
)  # fmt: skip
TOOL_CALLS = Metric(
    "llm.tool_calls", "sum", "{call}", "Tool executions seen.",
    (OP_TOOL,), (*_WHO, TOOL_NAME, ERROR_TYPE),
)  # fmt: skip

LOSSES = Metric(
    "llm.lost", "sum", "{loss}", "What could not be recorded or sent, by the stage at which it was lost.",
    (OP_LOST,), (LOST_STAGE,), value=LOST_COUNT, when=LOST_COUNT,
)  # fmt: skip

METRICS: tuple[Metric, ...] = (
    CALLS, COST, SAVED, UNPRICED_CALLS, IN_TOKENS, OUT_TOKENS, CACHED_TOKENS, CACHE_WRITTEN_TOKENS, THOUGHT_TOKENS,
    LATENCY, FIRST_CHUNK, SENT, RETRY_WAIT, RATE_LIMITS, STREAMS, FINISHES, RETRIEVALS, EMPTY_RETRIEVALS, RETRIEVED,
    RETRIEVAL_LATENCY, GUARDRAILS, RUNS, RUN_LATENCY, FALLBACKS, REVIEWS, REVIEW_WAIT, EVALUATIONS, SCORES, TOOL_CALLS,
    LOSSES,
)  # fmt: skip


# ---- contracts: series that `tellmetry contracts rules` renders, so that boards and alerts compare with them ---------
@dataclass(frozen=True, slots=True)
class Promise:
    """One number of a workflow's contract under the name that Prometheus records it by."""

    prometheus: str
    labels: tuple[str, ...]
    says: str


CONTRACT_TARGET = Promise(
    "llm:contract:target", (*_WHO, EVALUATION_NAME), "The least mean score of the contract's metric."
)  # fmt: skip
CONTRACT_SUCCESS = Promise("llm:contract:success_target", _WHO, "The least share of calls that must not fail.")
CONTRACT_MAX_SECONDS = Promise("llm:contract:max_seconds", _WHO, "The longest a run may take.")
CONTRACT_MAX_COST = Promise("llm:contract:max_cost_usd", _WHO, "The most dollars that a run may cost.")
CONTRACT_DAILY_BUDGET = Promise("llm:contract:daily_budget_usd", _WHO, "The most dollars that a UTC day may cost.")

CONTRACTS: tuple[Promise, ...] = (
    CONTRACT_TARGET, CONTRACT_SUCCESS, CONTRACT_MAX_SECONDS, CONTRACT_MAX_COST, CONTRACT_DAILY_BUDGET,
)  # fmt: skip
