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
_LITELLM = ("litellm_core_utils.streaming_handler", "responses.streaming_iterator", "llms.custom_httpx.http_handler")

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
    Row("mcp", _MCP),
    Row("openai_agents", ("agents.tracing.spans", "agents.guardrail", "agents.tool_guardrails")),
    Row("pydantic_ai", ("pydantic_graph.graph_builder", "pydantic_ai.tool_manager")),
    Row("dspy", _DSPY),
    Row("lm15", tuple(f"dspy._vendor.lm15.transports.{module}" for module in ("_sync", "_async"))),
    Row("litellm", ("litellm", *(f"litellm.{module}" for module in _LITELLM))),
    Row("langchain", tuple(f"langchain_core.{module}" for module in _LANGCHAIN)),
    Row("langgraph", ("langgraph._internal._runnable",)),
    Row("llama_index", ("llama_index.core.instrumentation",)),
    Row("haystack", ("haystack.tracing.tracer", "haystack.tools.tool")),
)
