"""The catalogue: one row a client. A row is all that an idle process loads of a client.

`modules` are the modules that define the places to patch; the client's file is imported when the first of them is.
"""

from __future__ import annotations


class Row:
    """One client: the name of its file here, and the modules whose import arms it."""

    __slots__ = ("modules", "name")

    def __init__(self, name: str, modules: tuple[str, ...]) -> None:
        self.name = name
        self.modules = modules


def _stainless(name: str) -> Row:
    return Row(name, (f"{name}._base_client", f"{name}._response", f"{name}._legacy_response"))


_MISTRAL = tuple(
    f"{root}.{module}"
    for root in ("mistralai", "mistralai.client")
    for module in (
        "chat", "fim", "agents", "embeddings", "classifiers",
        "utils.retries", "utils.eventstreaming", "_hooks.sdkhooks",
    )
)  # fmt: skip
_AZURE = tuple(
    f"azure.ai.inference{module}" for module in ("._patch", ".aio._patch", ".models._patch", "._client", ".aio._client")
)
_HUB = "huggingface_hub.inference"

_QDRANT = ("qdrant_remote", "async_qdrant_remote", "local.qdrant_local", "local.async_qdrant_local")
_MILVUS = ("milvus_client.milvus_client", "milvus_client.async_milvus_client", "orm.collection")
_LANGCHAIN = ("tracers.context", "runnables.config", "tools.base", "retrievers")
_DSPY = tuple(
    f"dspy.{module}"
    for module in (
        "primitives", "adapters.types.tool", "retrievers.retrieve", "retrieve.retrieve", "retrievers.embeddings",
    )
)  # fmt: skip
_MCP = tuple(
    f"mcp.{module}"
    for module in (
        "client.session", "server.runner", "server.lowlevel.server", "server._otel",
        "shared.session", "shared.jsonrpc_dispatcher",
    )
)  # fmt: skip
_CREWAI = tuple(
    f"crewai.{module}"
    for module in (
        "crew", "flow.runtime", "agent.core", "tools.base_tool", "tools.structured_tool",
        "knowledge.knowledge", "memory.unified_memory",
    )
)  # fmt: skip
_LITELLM = ("litellm_core_utils.streaming_handler", "responses.streaming_iterator", "llms.custom_httpx.http_handler")

_GUARDRAILS = tuple(
    f"guardrails.{module}"
    for module in (
        "guard", "async_guard", "settings", "validator_base", "validator_service.validator_service_base",
        "telemetry.open_inference", "telemetry.legacy_validator_tracing",
    )
)  # fmt: skip
_PRESIDIO = (
    "presidio_analyzer.analyzer_engine", "presidio_analyzer.batch_analyzer_engine",
    "presidio_anonymizer.anonymizer_engine",
)  # fmt: skip
_PINECONE = tuple(
    f"pinecone.{module}" for module in ("index", "async_client.async_index", "db_data.index", "db_data.index_asyncio")
)
_WEAVIATE = ("near_vector", "near_text", "near_object", "near_image", "near_media", "hybrid", "bm25", "fetch_objects")

CATALOGUE: tuple[Row, ...] = (
    _stainless("openai"),
    _stainless("anthropic"),
    _stainless("groq"),
    _stainless("together"),
    Row("google_genai", ("google.genai.models", "google.genai._api_client", "google.genai.errors")),
    Row("mistralai", _MISTRAL),
    Row("cohere", ("cohere.v2.client", "cohere.base_client", "cohere.core.http_client")),
    Row("ollama", ("ollama._client",)),
    Row("bedrock", ("botocore.client", "botocore.endpoint", "botocore.eventstream")),
    Row("huggingface_hub", (f"{_HUB}._client", f"{_HUB}._generated._async_client")),
    Row("azure_ai_inference", _AZURE),
    Row("chromadb", ("chromadb.api.models.Collection", "chromadb.api.models.AsyncCollection")),
    Row("qdrant", tuple(f"qdrant_client.{one}" for one in _QDRANT)),
    Row("lancedb", ("lancedb.query",)),
    Row("pymilvus", tuple(f"pymilvus.{one}" for one in _MILVUS)),
    Row("pinecone", _PINECONE),
    Row("weaviate", tuple(f"weaviate.collections.queries.{kind}" for kind in _WEAVIATE)),
    Row("elasticsearch", ("elasticsearch._sync.client", "elasticsearch._async.client", "elasticsearch._otel")),
    Row("opensearch", ("opensearchpy.client", "opensearchpy._async.client")),
    Row("redisvl", ("redisvl.index.index",)),
    Row("psycopg", ("psycopg.cursor", "psycopg.cursor_async")),
    Row("sqlalchemy", ("sqlalchemy.engine.default",)),
    Row("litellm", ("litellm", *(f"litellm.{module}" for module in _LITELLM))),
    Row("guardrails_ai", _GUARDRAILS),
    Row("nemoguardrails", ("nemoguardrails.rails.llm.llmrails", "nemoguardrails.colang.v1_0.runtime.runtime")),
    Row("presidio", _PRESIDIO),
    Row("llm_guard", ("llm_guard.evaluate", "llm_guard")),
    Row("mcp", _MCP),
    Row("openai_agents", ("agents.tracing.spans", "agents.guardrail", "agents.tool_guardrails")),
    Row("pydantic_ai", ("pydantic_graph.graph_builder", "pydantic_ai.tool_manager")),
    Row("dspy", _DSPY),
    Row("lm15", tuple(f"dspy._vendor.lm15.transports.{module}" for module in ("_sync", "_async"))),
    Row("crewai", _CREWAI),
    Row("langchain", tuple(f"langchain_core.{module}" for module in _LANGCHAIN)),
    Row("langgraph", ("langgraph._internal._runnable",)),
    Row("llama_index", ("llama_index.core.instrumentation",)),
    Row("haystack", ("haystack.tracing.tracer", "haystack.tools.tool")),
)
