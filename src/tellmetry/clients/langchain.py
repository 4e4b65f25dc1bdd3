"""LangChain, whose callbacks LangGraph uses as well: agents, tools and retrievals are told, tokens never are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from tellmetry.clients.client import Client, Hook, Place
from tellmetry.clients.handlers import handler
from tellmetry.clients.methods import method
from tellmetry.clients.retrievers import asked
from tellmetry.engine.call import Call
from tellmetry.engine.runs import Runs
from tellmetry.engine.steps import Step, Template
from tellmetry.engine.traced import traced
from tellmetry.guard import guarded
from tellmetry.record import Agent, Retrieval, ToolCall
from tellmetry.wire import documents, tools
from tellmetry.wire.langchain_hub import pulled

RUNS = Runs()
_BASE = "langchain_core.callbacks:BaseCallbackHandler"


class Told:
    """What our callback handler does."""

    run_inline = True  # in the context of the code that it tells of
    ignore_llm = ignore_chat_model = ignore_retriever = ignore_agent = ignore_retry = ignore_custom_event = True

    @guarded("hearing a callback")
    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: Any, **told: Any) -> None:
        """Open a graph or agent; everything else that LangChain calls a chain is a step of what is around it."""
        parent, metadata = told.get("parent_run_id"), told.get("metadata") or {}
        prompt = None if parent is None else pulled(metadata)
        if prompt is not None:
            RUNS.remember(parent, Template(*prompt))
            RUNS.enter(parent)  # a stream's steps share this context
        agent = _agent(RUNS.find(parent), metadata, told.get("name"))
        if agent is None:
            RUNS.skip(run_id, parent)
        else:
            RUNS.open(run_id, agent, parent, on_error=failed)

    @guarded("hearing a callback")
    def on_chain_end(self, outputs: Any, *, run_id: Any, **told: Any) -> None:
        """End it."""
        RUNS.end(run_id)

    @guarded("hearing a callback")
    def on_chain_error(self, error: BaseException, *, run_id: Any, **told: Any) -> None:
        """End it as failed."""
        RUNS.end(run_id, error)

    def __reduce__(self) -> Any:
        return handler, (Told, _BASE)  # a configuration that is copied or pickled has it once all the same


def _agent(outer: Step | None, metadata: Mapping[str, Any], name: str | None) -> Agent | None:
    """Give the agent that begins here: an outermost graph, or an agent by another name than the one around it."""
    own = metadata.get("lc_agent_name")
    if own in (None, getattr(outer.record, "agent", None)) if outer is not None else "ls_integration" not in metadata:
        return None
    record = Agent()
    record.client = "langgraph" if own is None else "langchain"
    record.agent = own or (None if name == "LangGraph" else name)
    return record


def _install(module: ModuleType) -> Callable[[], None]:
    variable = ContextVar("tellmetry_langchain", default=handler(Told, _BASE))  # noqa: B039 - it has no state
    module.register_configure_hook(variable, inheritable=True)
    return lambda: module._configure_hooks.remove((variable, True, None, None))


def entered(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Run the code of a step inside what is told of it: `_set_config_context` prepares the context of that code."""
    token = wrapped(*args, **kwargs)
    _enter(*args, **kwargs)
    return token


@guarded("entering a run")
def _enter(config: Mapping[str, Any], *_: Any, **__: Any) -> None:
    RUNS.enter(getattr(config.get("callbacks"), "parent_run_id", None))


def _asked(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return asked(getattr(instance, "vectorstore", None), (getattr(instance, "search_kwargs", None) or {}).get("k"))


def _tool(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> Call:
    record = ToolCall()
    record.client = "langchain"
    return Call(record, tools, {"name": instance.name, "call_id": kwargs.get("tool_call_id")}, failed)


def failed(record: Any, error: BaseException) -> None:
    """Take back what is no failure: LangGraph interrupts a run, and leaves a graph for its parent, by raising."""
    if any(kind.__name__ == "GraphBubbleUp" for kind in type(error).__mro__):
        record.error_type = None


CLIENT = Client(
    name="langchain",
    package="langchain-core",
    tested=("1.7.7", "1.8.3"),
    tells="agents, tools, retrievals",
    places=(
        *(Place("langchain_core.tools.base", f"BaseTool.{name}", traced(_tool)) for name in ("run", "arun")),
        *(
            method("langchain", f"langchain_core.retrievers:{name}", documents, body=_asked, record=Retrieval)
            for name in ("BaseRetriever.invoke", "BaseRetriever.ainvoke")
        ),
        Place("langchain_core.runnables.config", "_set_config_context", entered, "contexts"),
    ),
    hooks=(Hook("langchain_core.tracers.context", _install),),
)
