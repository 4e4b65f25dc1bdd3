"""LangChain and LangGraph keep the contract of frameworks: one tree a run, counted once, and the app's own callbacks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("langchain_core")

from frameworks import Contract, Framework, Use, pytest_generate_tests  # noqa: E402, F401

CALLS_TOOL = """[[tool=lookup args='{"sku": "canary-7f3a"}']] How are you?"""


def build(provider: Any, waits: bool) -> Any:
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnableLambda
    from langchain_core.tools import StructuredTool
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings
    from langgraph.graph import START, StateGraph
    from langgraph.prebuilt import create_react_agent

    how = {"base_url": provider.openai_url, "api_key": "sk-test", "max_retries": 0}
    model = ChatOpenAI(model="gpt-4o-mini", stream_usage=True, **how)
    store = InMemoryVectorStore(OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **how))
    store.add_texts(["canary-7f3a one", "canary-7f3a two", "three"], ids=["a", "b", "c"])
    retriever = store.as_retriever(search_kwargs={"k": 2})

    def lookup(sku: str) -> str:
        """Look it up."""
        return str([one.id for one in retriever.invoke(sku)])

    async def alookup(sku: str) -> str:
        return str([one.id for one in await retriever.ainvoke(sku)])

    def ask_once(state: Any) -> Any:
        return {"answer": model.invoke(state["ask"]).content}

    async def aask_once(state: Any) -> Any:
        return {"answer": (await model.ainvoke(state["ask"])).content}

    class Heard(BaseCallbackHandler):
        """The app's own handler."""

        def __init__(self) -> None:
            self.names: list[str] = []

        def on_chain_start(self, serialized: Any, inputs: Any, **told: Any) -> None:
            self.names.append(f"start {told['name']}")

        def on_chain_end(self, outputs: Any, **told: Any) -> None:
            self.names.append("end")

        def on_retriever_end(self, documents: Any, **told: Any) -> None:
            self.names.append(f"{len(documents)} documents")

    def call(thing: Any, ask: Any, **more: Any) -> Any:
        return thing.ainvoke(ask, **more) if waits else thing.invoke(ask, **more)

    def stream(thing: Any, ask: Any, **more: Any) -> Any:
        return thing.astream(ask, **more) if waits else thing.stream(ask, **more)

    tool = StructuredTool.from_function(lookup, coroutine=alookup)
    prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("user", "{ask}")])
    asks = StateGraph(dict)
    asks.add_node("ask", RunnableLambda(ask_once, aask_once))
    asks.add_edge(START, "ask")
    return SimpleNamespace(
        call=call, stream=stream, retriever=retriever, heard=Heard, chain=prompt | model | StrOutputParser(),
        agent=create_react_agent(model, [tool], name="helper"), graph=asks.compile(),
    )  # fmt: skip


def said(ask: str) -> dict[str, Any]:
    return {"messages": [("user", ask)]}


async def _heard(awaited: Any, heard: Any) -> Any:
    return await awaited, heard.names


def listened(c: Any, ask: str) -> Any:
    """Run with a handler of the app's own; give the result with what it heard."""
    heard = c.heard()
    result = c.call(c.agent, said(ask), config={"callbacks": [heard]})
    return _heard(result, heard) if hasattr(result, "__await__") else (result, heard.names)


AGENT = """
invoke_agent helper
  chat gpt-4o-mini
  execute_tool lookup
    retrieval
      embeddings text-embedding-3-small
  chat gpt-4o-mini
"""
USES = {
    "agent": Use(lambda c, ask: c.call(c.agent, said(ask)), tree=AGENT, ask=CALLS_TOOL),
    "heard": Use(listened, tree=AGENT, ask=CALLS_TOOL),
    "retriever": Use(
        lambda c, ask: c.call(c.retriever, ask), tree="retrieval\n  embeddings text-embedding-3-small", ask="[[input=5]]"
    ),
    "chain": Use(lambda c, ask: c.call(c.chain, {"ask": ask}), tree="chat gpt-4o-mini"),
    "chain stream": Use(lambda c, ask: c.stream(c.chain, {"ask": ask}), streams=True, tree="chat gpt-4o-mini"),
    "graph": Use(lambda c, ask: c.call(c.graph, {"ask": ask}), tree="invoke_agent\n  chat gpt-4o-mini"),
    "agent stream": Use(
        lambda c, ask: c.stream(c.agent, said(ask), stream_mode="messages"), streams=True, tree=AGENT, ask=CALLS_TOOL
    ),
}


class TestLangChain(Contract):
    framework = Framework(
        ("langchain", "langgraph", "openai"),
        ("langchain_core.tracers.context", "langgraph._internal._runnable"),
        build,
        USES,
        frozenset({"clients.langchain:entered"}),
    )
