"""CrewAI: crews and flows are runs; their agents and tools, and what is looked up in knowledge and memory, are told.

Its event bus hears all of that too, but in threads of its own, where nothing that an event tells of is current; its
methods carry their context wherever they run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.clients.retrievers import asked
from tellmetry.engine.call import Call, open_of
from tellmetry.engine.steps import SILENT, new_run
from tellmetry.engine.traced import settle, traced
from tellmetry.record import Agent, Retrieval, ToolCall
from tellmetry.wire import documents, tools

_OWN = ("crewai.agents.", "crewai.memory.")  # whose flows are how an agent or a memory is made
_UNNAMED = "crew"


def _run(instance: Any, args: Any, kwargs: Any) -> Call | None:
    if instance.stream or type(instance).__module__.startswith(_OWN):  # a stream runs the same again, elsewhere
        return None
    named = type(instance).__name__ if instance.name is None else instance.name
    run = new_run(None if named == _UNNAMED else named)
    return None if run is None else Call(run, SILENT, None)


def _agent(instance: Any, args: Any, kwargs: Any) -> Call | None:
    """Open an agent under its role as the app wrote it, without what was put into it; it calls itself to retry."""
    role, outer = (instance._original_role or instance.role).strip(), open_of(Agent)
    if outer is not None and (outer.client, outer.agent) == ("crewai", role):
        return None
    agent = Agent()
    agent.client, agent.agent = "crewai", role
    return Call(agent, SILENT, None)


def _named(instance: Any, args: Any, kwargs: Any) -> Mapping[str, Any]:
    return {"name": instance.name}


def _tool_ended(call: Call, result: Any) -> Any:
    if type(result).__name__ == "ToolFailure":
        call.record.error_type = "tool_error"
    return settle(call, result)


def _in_knowledge(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return asked(instance.storage, kwargs.get("results_limit"))


def _in_memory(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return asked(instance._storage, kwargs.get("limit"))


_KNOWLEDGE, _MEMORY = "crewai.knowledge.knowledge:Knowledge", "crewai.memory.unified_memory:Memory"

CLIENT = Client(
    name="crewai",
    package="crewai",
    tested=("1.15.30",),
    tells="runs, agents, tools, retrievals",
    proof="a loopback server, an embedded store",
    places=(
        *(Place("crewai.crew", f"Crew.{name}", traced(_run), "runs") for name in ("kickoff", "akickoff")),
        Place("crewai.flow.runtime", "Flow.kickoff_async", traced(_run), "runs"),
        *(
            Place("crewai.agent.core", f"Agent.{name}", traced(_agent), "agents")
            for name in ("execute_task", "aexecute_task", "kickoff", "kickoff_async")
        ),
        *(
            method("crewai", f"crewai.tools.{where}", tools, record=ToolCall, body=_named, follow=_tool_ended)
            for where in (
                "base_tool:BaseTool.run", "base_tool:BaseTool.arun", "base_tool:Tool.run", "base_tool:Tool.arun",
                "structured_tool:CrewStructuredTool.invoke", "structured_tool:CrewStructuredTool.ainvoke",
            )
        ),
        *(
            method("crewai", f"{_KNOWLEDGE}.{name}", documents, body=_in_knowledge, record=Retrieval)
            for name in ("query", "aquery")
        ),
        method("crewai", f"{_MEMORY}.recall", documents, body=_in_memory, record=Retrieval),
    ),
)  # fmt: skip
