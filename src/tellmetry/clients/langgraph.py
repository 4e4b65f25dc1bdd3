"""LangGraph: a graph is told by LangChain's callbacks; its nodes run in contexts that LangGraph makes by itself."""

from __future__ import annotations

from tellmetry.clients.client import Client, Place
from tellmetry.clients.langchain import entered

CLIENT = Client(
    name="langgraph",
    package="langgraph",
    tested=("1.2.24",),
    tells="agents",
    places=(Place("langgraph._internal._runnable", "_set_config_context", entered, "contexts"),),
)
