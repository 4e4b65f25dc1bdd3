"""LlamaIndex, whose dispatcher tells of every method that matters: queries, agents, tools and retrievals are told."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tellmetry.clients.client import Client, Hook
from tellmetry.clients.retrievers import asked
from tellmetry.engine.call import is_part_of_open
from tellmetry.engine.runs import Runs
from tellmetry.engine.steps import Template, new_run
from tellmetry.guard import guarded
from tellmetry.record import Agent, Record, Retrieval, ToolCall
from tellmetry.wire import documents, tools

RUNS = Runs()
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
    """What our span handler adds to LlamaIndex' base class, which is there once LlamaIndex is imported."""

    @guarded("hearing a span")
    def span_enter(self, id_: str, bound_args: Any, instance: Any = None, parent_id: Any = None, **_: Any) -> None:
        """Open what is told; the rest is a step of what is around it."""
        method = id_.partition("-")[0].rpartition(".")[2]
        kinds = {kind.__name__ for kind in type(instance).__mro__}
        opening = _OPENINGS[_KINDS[method]] if _KINDS.get(method) in kinds else None
        if opening is None or not opening(id_, instance, parent_id, kinds):
            RUNS.skip(id_, parent_id)
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


def _retrieval(key: str, instance: Any, parent: Any, kinds: set[str]) -> bool:
    if is_part_of_open(documents.OPERATION):
        return False
    record = Retrieval()
    record.client = "llama_index"
    body = asked(getattr(instance, "_vector_store", None), getattr(instance, "_similarity_top_k", None))
    RUNS.open(key, record, parent, wire=documents, body=body)
    return True


def _tool(key: str, instance: Any, parent: Any, kinds: set[str]) -> bool:
    outer, name = RUNS.find(parent), instance.metadata.get_name()
    if outer is not None and getattr(outer.record, "tool", None) == name:
        return False  # a tool's call by its own `__call__`
    record = ToolCall()
    record.client = "llama_index"
    RUNS.open(key, record, parent, wire=tools, body={"name": name})
    return True


def _run(key: str, instance: Any, parent: Any, kinds: set[str]) -> bool:
    record: Record | None
    if kinds & _AGENTS:
        record = Agent()
        record.client = "llama_index"
        name = getattr(instance, "name", None)
        record.agent = None if name == _UNNAMED else name
    else:
        record = new_run(getattr(instance, "_workflow_name", None))
    if record is not None:
        RUNS.open(key, record, parent)
    return record is not None


_OPENINGS: dict[str, Callable[[str, Any, Any, set[str]], bool]] = {
    "BaseRetriever": _retrieval, "BaseTool": _tool,
    "BaseQueryEngine": _run, "BaseChatEngine": _run, "Workflow": _run,
}  # fmt: skip


def _named(prompt: Any) -> Template | None:
    """Give the name of a prompt template: the app's in its metadata, or what LlamaIndex calls its kind of prompt."""
    metadata = getattr(prompt, "metadata", None) or {}
    name = metadata.get("name") or getattr(metadata.get("prompt_type"), "value", metadata.get("prompt_type"))
    return None if name in (None, "custom") else Template(str(name), metadata.get("version"))


@functools.cache
def handler() -> Any:
    """Give our span handler."""
    base = importlib.import_module("llama_index.core.instrumentation.span_handlers").BaseSpanHandler
    return type("Tellmetry", (Told, base), {})()


def _install(module: ModuleType) -> Callable[[], None]:
    everywhere, ours = module.get_dispatcher(), handler()
    everywhere.add_span_handler(ours)
    return lambda: everywhere.span_handlers.remove(ours)


CLIENT = Client(
    name="llama_index",
    package="llama-index-core",
    tested=("0.12.52.post1", "0.14.25"),
    places=(),
    hooks=(Hook("llama_index.core.instrumentation", _install),),
)
