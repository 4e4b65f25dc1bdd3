"""What happened: one plain record per model call, retrieval, guardrail check, tool call, run, review, evaluation.

A field states its span attribute where it is declared; spans, stored columns and the docs are loops over
`Record.attributes`. A field that was never set is absent, not zero: zero means zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tellmetry import names

if TYPE_CHECKING:
    from tellmetry.scope import Trail


class _Field:
    """A field's attribute name; replaced by a class-level None as soon as its class exists."""

    __slots__ = ("attribute",)

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute


def attr(attribute: str) -> Any:
    """Declare a record field that becomes the span attribute `attribute`."""
    return _Field(attribute)


class Record:
    """Something that began, perhaps ended, and is told as one span.

    Set fields live in the instance's `__dict__`, so what a span says is what was set and nothing else is looked at.
    Times are nanoseconds since the epoch; `duration_s` is seconds.
    """

    attributes: ClassVar[dict[str, str]] = {}
    kind: str = "internal"
    about: ClassVar[str]  # the field that says what it was about, low in cardinality: a model, a source, a name

    operation: str = attr(names.OPERATION)
    error_type: str | None = attr(names.ERROR_TYPE)
    workflow: str | None = attr(names.WORKFLOW)
    owner: str | None = attr(names.OWNER)
    run_id: str | None = attr(names.RUN_ID)
    model_profile: str | None = attr(names.MODEL_PROFILE)

    # Not attributes: the span itself.
    started_ns: int = 0
    ended_ns: int = 0
    run: Run | None = None
    span: Any = None
    complete: bool = False

    def __init_subclass__(cls) -> None:
        cls.attributes = {**cls.attributes, **_take_fields(cls)}

    @property
    def name(self) -> str:
        """Span name, as the conventions spell it: the operation and its subject."""
        subject = getattr(self, self.about)
        return f"{self.operation} {subject}" if subject else self.operation

    @property
    def duration_s(self) -> float:
        """Seconds from start to end; 0.0 while it is still running."""
        return (self.ended_ns - self.started_ns) / 1e9 if self.ended_ns else 0.0


def _take_fields(cls: type) -> dict[str, str]:
    """Collect the declared fields of one class and leave None (never set) in their place."""
    declared = {name: field for name, field in vars(cls).items() if isinstance(field, _Field)}
    for name in declared:
        setattr(cls, name, None)
    return {name: field.attribute for name, field in declared.items()}


Record.attributes = _take_fields(Record)


class Check(NamedTuple):
    """A guardrail of the provider's own that looked at a call: told as a guardrail record beside the call."""

    guardrail: str
    outcome: names.Outcome
    reason: str | None
    target: str


class ModelCall(Record):
    """One call to a model as the app sees it: automatic retries and the whole stream included.

    `input_tokens` include cached ones and `output_tokens` include reasoning, whatever the provider reports.
    """

    kind = "client"
    about = "model"

    client: str | None = attr(names.CLIENT)
    provider: str | None = attr(names.PROVIDER)
    model: str | None = attr(names.REQUEST_MODEL)
    stream: bool | None = attr(names.REQUEST_STREAM)
    max_tokens: int | None = attr(names.REQUEST_MAX_TOKENS)
    temperature: float | None = attr(names.REQUEST_TEMPERATURE)
    top_p: float | None = attr(names.REQUEST_TOP_P)
    top_k: int | None = attr(names.REQUEST_TOP_K)
    frequency_penalty: float | None = attr(names.REQUEST_FREQUENCY_PENALTY)
    presence_penalty: float | None = attr(names.REQUEST_PRESENCE_PENALTY)
    seed: int | None = attr(names.REQUEST_SEED)
    choices: int | None = attr(names.REQUEST_CHOICES)
    reasoning_level: str | None = attr(names.REQUEST_REASONING_LEVEL)
    previous_response_id: str | None = attr(names.REQUEST_PREVIOUS_RESPONSE)
    encoding_formats: tuple[str, ...] | None = attr(names.REQUEST_ENCODING_FORMATS)
    output_type: str | None = attr(names.OUTPUT_TYPE)
    conversation_id: str | None = attr(names.CONVERSATION)
    request_tier: str | None = attr(names.OPENAI_REQUEST_TIER)
    api_type: str | None = attr(names.OPENAI_API_TYPE)

    prompt_name: str | None = attr(names.PROMPT_NAME)
    prompt_version: str | None = attr(names.PROMPT_VERSION)

    response_id: str | None = attr(names.RESPONSE_ID)
    response_model: str | None = attr(names.RESPONSE_MODEL)
    response_status: str | None = attr(names.RESPONSE_STATUS)
    response_tier: str | None = attr(names.OPENAI_RESPONSE_TIER)
    system_fingerprint: str | None = attr(names.OPENAI_SYSTEM_FINGERPRINT)
    finish_reasons: tuple[str, ...] | None = attr(names.FINISH_REASONS)
    request_id: str | None = attr(names.REQUEST_ID)
    tools: tuple[str, ...] | None = attr(names.TOOLS_CALLED)
    dimensions: int | None = attr(names.EMBEDDING_DIMENSIONS)
    guardrail_id: str | None = attr(names.BEDROCK_GUARDRAIL)

    input_tokens: int | None = attr(names.INPUT_TOKENS)
    output_tokens: int | None = attr(names.OUTPUT_TOKENS)
    cache_read_tokens: int | None = attr(names.CACHE_READ_TOKENS)
    cache_write_tokens: int | None = attr(names.CACHE_WRITE_TOKENS)
    cache_write_1h_tokens: int | None = attr(names.CACHE_WRITE_1H_TOKENS)
    reasoning_tokens: int | None = attr(names.REASONING_TOKENS)
    input_audio_tokens: int | None = attr(names.INPUT_AUDIO_TOKENS)
    output_audio_tokens: int | None = attr(names.OUTPUT_AUDIO_TOKENS)
    cache_read_audio_tokens: int | None = attr(names.CACHE_READ_AUDIO_TOKENS)
    input_image_tokens: int | None = attr(names.INPUT_IMAGE_TOKENS)
    output_image_tokens: int | None = attr(names.OUTPUT_IMAGE_TOKENS)
    web_searches: int | None = attr(names.WEB_SEARCHES)
    search_units: int | None = attr(names.SEARCH_UNITS)
    audio_seconds: float | None = attr(names.AUDIO_SECONDS)
    characters: int | None = attr(names.CHARACTERS)
    images: int | None = attr(names.IMAGES)
    estimated: bool | None = attr(names.USAGE_ESTIMATED)

    cost_usd: float | None = attr(names.COST_USD)
    cost_source: str | None = attr(names.COST_SOURCE)
    cache_saved_usd: float | None = attr(names.COST_SAVED_USD)

    attempts: int | None = attr(names.ATTEMPTS)
    retry_wait_s: float | None = attr(names.RETRY_WAIT_S)
    rate_limited: int | None = attr(names.RATE_LIMITED)
    remaining_requests: int | None = attr(names.REMAINING_REQUESTS)
    remaining_tokens: int | None = attr(names.REMAINING_TOKENS)
    http_status: int | None = attr(names.HTTP_STATUS)
    server_address: str | None = attr(names.SERVER_ADDRESS)
    server_port: int | None = attr(names.SERVER_PORT)
    first_chunk_s: float | None = attr(names.TIME_TO_FIRST_CHUNK)
    chunks: int | None = attr(names.STREAM_CHUNKS)
    ending: names.Ending | None = attr(names.STREAM_ENDING)

    retrieval_count: int | None = attr(names.RETRIEVAL_COUNT)
    guardrail_outcome: names.Outcome | None = attr(names.GUARDRAIL_OUTCOME)
    guardrail_reason: str | None = attr(names.GUARDRAIL_REASON)
    fallback_from: str | None = attr(names.FALLBACK_FROM)
    fallback_reason: str | None = attr(names.FALLBACK_REASON)

    # Not attributes: what led to the call, and what pricing and estimating need to know.
    trail: Trail | None = None
    checks: tuple[Check, ...] = ()
    api_url: str | None = None
    answer: Any = None  # a weak reference to the response: what raising after a good answer cost is read from it
    service_tier: str | None = None
    batch: bool = False
    reckoned_usd: float | None = None  # what the client's own list says: used where ours has no price
    output_chars: int = 0
    input_chars: int = 0

    def checked(self, guardrail: str, outcome: names.Outcome, reason: str | None, target: str = "output") -> None:
        """Note what a guardrail of the provider said of this call."""
        self.checks = (*self.checks, Check(guardrail, outcome, reason, target))


LISTED = 32  # most sources a retrieval lists, and most sources and tools a run


class Retrieval(Record):
    """One look-up in a knowledge source. `count` 0 is an empty retrieval; ids only, never text."""

    kind = "client"
    about = "source"
    operation = names.OP_RETRIEVAL

    provider: str | None = attr(names.PROVIDER)
    source: str | None = attr(names.DATA_SOURCE)
    top_k: int | None = attr(names.RETRIEVAL_TOP_K)
    count: int | None = attr(names.RETRIEVAL_COUNT)
    top_score: float | None = attr(names.RETRIEVAL_TOP_SCORE)
    sources: tuple[str, ...] | None = attr(names.RETRIEVAL_SOURCES)
    server_address: str | None = attr(names.SERVER_ADDRESS)
    server_port: int | None = attr(names.SERVER_PORT)
    client: str | None = attr(names.CLIENT)

    # Not attributes: the look-ups inside, which are told as this one, and how the source measures distances.
    parts: list[Retrieval] | None = None
    metric: str | None = None

    def take_parts(self) -> None:
        """Take what the look-ups inside know and this one was not told itself.

        A framework's retriever or the app's own `retrieval` says what went on to the model; the store inside knows
        which server, how good, which ones. Ids and score are taken only where the store's count is the whole one: of
        what a retriever has sorted out nothing is told.
        """
        parts, self.parts = self.parts or [], None
        for field in ("provider", "source", "top_k", "server_address", "server_port", "client"):
            if getattr(self, field) is None:
                setattr(self, field, next(filter(None, (getattr(part, field) for part in parts)), None))
        counts = [part.count for part in parts if part.count is not None]
        if not counts or self.count not in (None, sum(counts)):
            return
        self.count = sum(counts)
        if self.top_score is None:
            self.top_score = max((part.top_score for part in parts if part.top_score is not None), default=None)
        if self.sources is None:
            self.sources = tuple(dict.fromkeys(one for part in parts for one in part.sources or ()))[:LISTED] or None


class Guardrail(Record):
    """One guardrail check: an outcome and a reason class, never the text it matched."""

    about = "guardrail"
    operation = names.OP_GUARDRAIL

    guardrail: str | None = attr(names.GUARDRAIL_NAME)
    outcome: names.Outcome | None = attr(names.GUARDRAIL_OUTCOME)
    reason: str | None = attr(names.GUARDRAIL_REASON)
    target: str | None = attr(names.GUARDRAIL_TARGET)
    client: str | None = attr(names.CLIENT)

    def found(self, outcome: names.Outcome, reason: str | None = None, target: str | None = None) -> None:
        """Note one finding: a check finds many things, and the worst of them is its outcome."""
        if self.outcome is None or names.OUTCOMES.index(outcome) > names.OUTCOMES.index(self.outcome):
            self.outcome, self.reason = outcome, reason
            self.target = target or self.target


class ToolCall(Record):
    """One tool execution; arguments and results are never kept. Through MCP, client and server tell one each."""

    about = "tool"
    operation = names.OP_TOOL

    tool: str | None = attr(names.TOOL_NAME)
    tool_type: str | None = attr(names.TOOL_TYPE)
    call_id: str | None = attr(names.TOOL_CALL_ID)
    mcp_method: str | None = attr(names.MCP_METHOD)
    mcp_protocol: str | None = attr(names.MCP_PROTOCOL)
    rpc_status: str | None = attr(names.RPC_STATUS)
    client: str | None = attr(names.CLIENT)

    @property
    def name(self) -> str:
        return super().name if self.kind == "internal" else f"{self.mcp_method} {self.tool}"


class Agent(Record):
    """One in-process agent invocation, as a framework reports it; money stays on the calls inside."""

    about = "agent"
    operation = names.OP_AGENT

    agent: str | None = attr(names.AGENT_NAME)
    handed_to: str | None = attr(names.HANDED_TO)
    client: str | None = attr(names.CLIENT)


class Run(Record):
    """One workflow run: the traceability record. Totals are those of the calls inside it."""

    about = "workflow_name"
    operation = names.OP_WORKFLOW

    workflow_name: str | None = attr(names.WORKFLOW_NAME)
    request_id: str | None = attr(names.REQUEST_ID)
    prompt_name: str | None = attr(names.PROMPT_NAME)
    prompt_version: str | None = attr(names.PROMPT_VERSION)
    retrieval_count: int | None = attr(names.RETRIEVAL_COUNT)
    retrieval_sources: tuple[str, ...] | None = attr(names.RETRIEVAL_SOURCES)
    tools: tuple[str, ...] | None = attr(names.TOOLS_CALLED)
    guardrail_outcome: names.Outcome | None = attr(names.GUARDRAIL_OUTCOME)
    guardrail_reason: str | None = attr(names.GUARDRAIL_REASON)
    confidence: float | None = attr(names.CONFIDENCE)
    result: str | None = attr(names.RESULT)
    reason: str | None = attr(names.RESULT_REASON)
    review_state: names.ReviewState | None = attr(names.REVIEW_STATE)
    fallback_from: str | None = attr(names.FALLBACK_FROM)
    fallback_reason: str | None = attr(names.FALLBACK_REASON)
    cost_usd: float | None = attr(names.COST_USD)
    calls: int | None = attr(names.RUN_CALLS)
    failed_calls: int | None = attr(names.RUN_FAILED_CALLS)
    unpriced_calls: int | None = attr(names.RUN_UNPRICED)
    input_tokens: int | None = attr(names.RUN_INPUT_TOKENS)
    output_tokens: int | None = attr(names.RUN_OUTPUT_TOKENS)
    retries: int | None = attr(names.RUN_RETRIES)

    # Not an attribute: what the next model call inside is fed by.
    trail: Trail | None = None


class Evaluation(Record):
    """One score against a target."""

    about = "evaluation"
    operation = names.OP_EVALUATION

    evaluation: str | None = attr(names.EVALUATION_NAME)
    score: float | None = attr(names.EVALUATION_SCORE)
    score_label: str | None = attr(names.EVALUATION_LABEL)
    target: float | None = attr(names.EVALUATION_TARGET)
    prompt_name: str | None = attr(names.PROMPT_NAME)
    prompt_version: str | None = attr(names.PROMPT_VERSION)
    response_id: str | None = attr(names.RESPONSE_ID)


class Review(Record):
    """One state of a human review point: a record when it is requested, another when it is decided."""

    about = "review"
    operation = names.OP_REVIEW

    review: str | None = attr(names.REVIEW_NAME)
    state: names.ReviewState | None = attr(names.REVIEW_STATE)
    wait_s: float | None = attr(names.REVIEW_WAIT_S)
    reviewer: str | None = attr(names.REVIEW_REVIEWER)
    request_id: str | None = attr(names.REQUEST_ID)


class Fallback(Record):
    """One switch to another path: which one failed, why, and what ran instead."""

    about = "to"
    operation = names.OP_FALLBACK

    failed: str | None = attr(names.FALLBACK_FROM)
    to: str | None = attr(names.FALLBACK_TO)
    reason: str | None = attr(names.FALLBACK_REASON)


KINDS: tuple[type[Record], ...] = (ModelCall, Retrieval, Guardrail, ToolCall, Agent, Run, Evaluation, Review, Fallback)
