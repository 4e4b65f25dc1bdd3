"""Pydantic AI: agents and tools, where the app has not switched on its own spans for them, which then are left to it.

A run of an agent is a run of a graph, which takes something to be entered around it: nothing of ours is on the stack of
the agent, who looks there for its name.
"""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client, Place
from tellmetry.engine.call import Call
from tellmetry.engine.steps import SILENT
from tellmetry.engine.traced import Around, traced
from tellmetry.guard import guarded
from tellmetry.record import Agent, ToolCall
from tellmetry.wire import tools

# What a tool raises to be called again later or by somebody else is no failure.
_PUT_OFF = ("CallDeferred", "ApprovalRequired")


def _iterated(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    return wrapped(*args, **(_surrounded(kwargs) or kwargs))


@guarded("opening a call")
def _surrounded(kwargs: dict[str, Any]) -> dict[str, Any] | None:
    run = kwargs.get("deps")
    if type(run).__name__ != "GraphAgentDeps" or kwargs.get("span") is not None or _is_native(run):
        return None
    agent = getattr(run, "agent", None)
    return {**kwargs, "span": Around(lambda: _opened(getattr(agent, "name", None)))}


def _is_native(run: Any) -> bool:
    known = {type(one).__name__ for one in run.capabilities.values()}
    return run.instrumentation_settings is not None or "Instrumentation" in known


def _opened(name: str | None) -> Call:
    agent = Agent()
    agent.client, agent.agent = "pydantic_ai", name
    return Call(agent, SILENT, None)


def _tool(instance: Any, args: Any, kwargs: Any) -> Call | None:
    if type(instance.ctx.tracer).__name__ != "NoOpTracer":
        return None
    (asked,) = args or (kwargs["validated"],)
    tool = ToolCall()
    tool.client = "pydantic_ai"
    return Call(tool, tools, {"name": asked.call.tool_name, "call_id": asked.call.tool_call_id}, _failed)


def _failed(tool: Any, error: BaseException) -> None:
    if type(error).__name__ in _PUT_OFF:
        tool.error_type = None


CLIENT = Client(
    name="pydantic_ai",
    package="pydantic-ai-slim",
    tested=("1.107.10", "2.68.0"),
    tells="agents, tools",
    places=(
        Place("pydantic_graph.graph_builder", "Graph.iter", _iterated, "agents"),
        Place("pydantic_ai.tool_manager", "ToolManager.execute_tool_call", traced(_tool), "tools"),
    ),
)
