"""DSPy: modules that are agents, because they have tools, those tools, and retrievers. What wraps a prompt is no agent.

Its callbacks would do, but they are settings of the app's, which it sees, replaces and saves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.engine.call import Call
from tellmetry.engine.steps import SILENT
from tellmetry.engine.traced import traced
from tellmetry.record import Agent, Retrieval, ToolCall
from tellmetry.wire import passages, tools

_UNNAMED = ("StringSignature", "Signature", None)  # written as text, so it has no name of the app's
_LAST = "finish"  # how an agent says that it is done: no tool, though it is called as one


def _module(instance: Any, args: Any, kwargs: Any) -> Call | None:
    if not getattr(instance, "tools", None):
        return None
    agent = Agent()
    agent.client = "dspy"
    signed = getattr(getattr(instance, "signature", None), "__name__", None)
    agent.agent = type(instance).__name__ if signed in _UNNAMED else signed
    return Call(agent, SILENT, None)


def _tool(instance: Any, args: Any, kwargs: Any) -> Call | None:
    if instance.name == _LAST and not instance.args:
        return None
    tool = ToolCall()
    tool.client = "dspy"
    return Call(tool, tools, {"name": instance.name})


def _asked(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {"top_k": kwargs.get("k") or getattr(instance, "k", None)}


def _retriever(where: str) -> Place:
    return method("dspy", where, passages, body=_asked, record=Retrieval)


CLIENT = Client(
    name="dspy",
    package="dspy",
    tested=("2.6.27", "3.4.1"),
    tells="agents, tools, retrievals",
    places=(
        *(Place("dspy.primitives", f"Module.{name}", traced(_module), "agents") for name in ("__call__", "acall")),
        *(Place("dspy.adapters.types.tool", f"Tool.{name}", traced(_tool), "tools") for name in ("__call__", "acall")),
        _retriever("dspy.retrievers.retrieve:Retrieve.__call__"),
        _retriever("dspy.retrieve.retrieve:Retrieve.__call__"),  # up to 2.6
        _retriever("dspy.retrievers.embeddings:Embeddings.__call__"),
    ),
)
