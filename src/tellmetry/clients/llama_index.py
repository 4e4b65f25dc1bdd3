"""LlamaIndex, whose dispatcher tells of every method that matters: queries, agents, tools and retrievals are told."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tellmetry.clients.client import Client, Hook
from tellmetry.clients.handlers import handler
from tellmetry.clients.retrievers import asked
from tellmetry.engine.call import Wire, is_part_of_open
from tellmetry.engine.runs import Runs
from tellmetry.engine.steps import SILENT, Step, Template, new_run
from tellmetry.guard import guarded
from tellmetry.record import Agent, Record, Retrieval, ToolCall
from tellmetry.wire import documents, tools

Opened = tuple[Record, Wire, Any]

RUNS = Runs()
_BASE = "llama_index.core.instrumentation.span_handlers:BaseSpanHandler"
_RUN = "run"  # of a workflow: its steps run elsewhere, and it may end in another context than it began in
_UNNAMED = "Agent"
_KINDS = {  # the base class that says what a method of this name is
    "retrieve": "BaseRetriever", "aretrieve": "BaseRetriever",
    "query": "BaseQueryEngine", "aquery": "BaseQueryEngine",
    "chat": "BaseChatEngine", "achat": "BaseChatEngine",
    "stream_chat": "BaseChatEngine", "astream_chat": "BaseChatEngine",
    "call": "BaseTool", "acall": "BaseTool", "__call__": "BaseTool",
    _RUN: "Workflow",
}  # fmt: skip
_AGENTS = {"BaseWorkflowAgent", "AgentWorkflow", "BaseAgent"}


class Told:
    """What our span handler does."""

    @guarded("hearing a span")
    def span_enter(self, id_: str, bound_args: Any, instance: Any = None, parent_id: Any = None, **_: Any) -> None:
        """Open what is told; the rest is a step of what is around it."""
        method = id_.partition("-")[0].rpartition(".")[2]
        kinds = {kind.__name__ for kind in type(instance).__mro__}
        opening = _OPENINGS[_KINDS[method]] if _KINDS.get(method) in kinds else None
        opened = None if opening is None else opening(instance, kinds, RUNS.find(parent_id))
        if opened is None:
            RUNS.skip(id_, parent_id)
        else:
            record, wire, body = opened
            RUNS.open(id_, record, parent_id, wire=wire, body=body)
        if method != _RUN:
            RUNS.stay(id_, _named(bound_args.arguments.get("prompt")))

    @guarded("hearing a span")
    def span_exit(self, id_: str, bound_args: Any, instance: Any = None, result: Any = None, **_: Any) -> None:
        """End it with its result."""
        RUNS.end(id_, reply=result)

    @guarded("hearing a span")
    def span_drop(self, id_: str, bound_args: Any, instance: Any = None, err: Any = None, **_: Any) -> None:
        """End it as failed."""
        RUNS.end(id_, err)

    new_span = prepare_to_exit_span = prepare_to_drop_span = None  # the base class wants them; what calls them is ours


def _retrieval(instance: Any, kinds: set[str], outer: Step | None) -> Opened | None:
    if is_part_of_open(documents.OPERATION):
        return None
    store, top_k = getattr(instance, "_vector_store", None), getattr(instance, "_similarity_top_k", None)
    return _ours(Retrieval()), documents, asked(store, top_k)


def _tool(instance: Any, kinds: set[str], outer: Step | None) -> Opened | None:
    name = instance.metadata.get_name()
    if outer is not None and getattr(outer.record, "tool", None) == name:
        return None  # a tool's call by its own `__call__`
    return _ours(ToolCall()), tools, {"name": name}


def _run(instance: Any, kinds: set[str], outer: Step | None) -> Opened | None:
    if not kinds & _AGENTS:
        run = new_run(getattr(instance, "_workflow_name", None))
        return None if run is None else (run, SILENT, None)
    agent, name = _ours(Agent()), getattr(instance, "name", None)
    agent.agent = None if name == _UNNAMED else name
    return agent, SILENT, None


def _ours(record: Any) -> Any:
    record.client = "llama_index"
    return record


_OPENINGS: dict[str, Callable[[Any, set[str], Step | None], Opened | None]] = {
    "BaseRetriever": _retrieval, "BaseTool": _tool,
    "BaseQueryEngine": _run, "BaseChatEngine": _run, "Workflow": _run,
}  # fmt: skip


def _named(prompt: Any) -> Template | None:
    """Give the name of a prompt template: the app's in its metadata, or what LlamaIndex calls its kind of prompt."""
    metadata = getattr(prompt, "metadata", None) or {}
    name = metadata.get("name") or getattr(metadata.get("prompt_type"), "value", metadata.get("prompt_type"))
    return None if name in (None, "custom") else Template(str(name), metadata.get("version"))


def _install(module: ModuleType) -> Callable[[], None]:
    everywhere, ours = module.get_dispatcher(), handler(Told, _BASE)
    everywhere.add_span_handler(ours)
    return lambda: everywhere.span_handlers.remove(ours)


CLIENT = Client(
    name="llama_index",
    package="llama-index-core",
    tested=("0.12.52.post1", "0.14.25"),
    tells="runs, agents, tools, retrievals",
    hooks=(Hook("llama_index.core.instrumentation", _install),),
)
