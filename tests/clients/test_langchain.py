"""LangChain and LangGraph keep the contract of frameworks: one tree a run, counted once, and the app's own callbacks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("langchain_core")

from canaries import HEADERS, KEY  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401

from tellmetry import prompt  # noqa: E402

CALLS_TOOL = """[[tool=lookup args='{"sku": "canary7f3a"}']] How are you?"""


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

    how = {"base_url": provider.openai_url, "api_key": KEY, "max_retries": 0, "default_headers": HEADERS}
    model = ChatOpenAI(model="gpt-4o-mini", stream_usage=True, **how)
    store = InMemoryVectorStore(OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **how))
    store.add_texts(["canary7f3a one", "canary7f3a two", "three"], ids=["a", "b", "c"])
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
        agent=create_react_agent(model, [tool], name="helper"), graph=asks.compile(), model=model,
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
        stand_ins=frozenset({"clients.langchain:entered"}),
    )


PULLED = {"lc_hub_owner": "acme", "lc_hub_repo": "brief", "lc_hub_commit_hash": "c0ffee", "langgraph_node": "x"}


@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("way", ["call", "stream"])
def test_a_pulled_prompt_is_on_the_model_call(waits: bool, way: str, app: Any, arm: Any) -> None:
    """Name and version come from the hub, for the calls of its chain, unless the app declares a prompt itself."""
    built = build(app.provider, waits)
    pulled = built.chain.first.model_copy(update={"metadata": PULLED}) | built.chain.middle[0]
    used = Use(lambda c, ask: getattr(c, way)(pulled, {"ask": ask}), streams=way == "stream")
    recorded = arm()
    app.run(used, built, "How are you?", waits)
    with prompt("mine", 2):
        app.run(used, built, "How are you?", waits)
    app.run(Use(lambda c, ask: c.call(c.chain, {"ask": ask})), built, "How are you?", waits)
    assert [(one.prompt_name, one.prompt_version) for one in recorded.calls[:2]] == [("acme/brief", "c0ffee"), ("mine", "2")]
    assert (recorded.calls[2].prompt_name, recorded.calls[2].prompt_version[:5]) == (None, "auto:")


def test_agents_tell_their_own_name_and_handing_over_is_no_failure(app: Any, arm: Any) -> None:
    """An agent inside a graph is told under it; a tool that interrupts the run for a human has not failed."""
    from langchain_core.tools import tool
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.prebuilt import create_react_agent
    from langgraph.types import Command, interrupt

    built = build(app.provider, False)

    @tool
    def approve(sku: str) -> str:
        """Ask."""
        return str(interrupt("may I?"))

    agent = create_react_agent(built.model, [approve], checkpointer=InMemorySaver()).with_config(
        metadata={"lc_agent_name": "buyer"}
    )
    recorded = arm()
    app.provider.reset()
    where = {"configurable": {"thread_id": "t"}}
    agent.invoke({"messages": [("user", """[[tool=approve args='{"sku": "x"}']] buy""")]}, where)
    assert tree(recorded) == "invoke_agent buyer\n  chat gpt-4o-mini\n  execute_tool approve"
    assert [one.error_type for one in recorded] == [None] * 3
    recorded.clear()
    agent.invoke(Command(resume="yes"), where)
    assert tree(recorded) == "invoke_agent buyer\n  execute_tool approve\n  chat gpt-4o-mini"


def test_agents_inside_agents(app: Any, arm: Any) -> None:
    """An agent that is a tool or a node of another has its own record under it, its steps under that."""
    from langchain_core.tools import tool
    from langgraph.graph import START, StateGraph
    from langgraph.prebuilt import create_react_agent

    built = build(app.provider, False)
    inner = create_react_agent(built.model, []).with_config(metadata={"lc_agent_name": "inner"})

    @tool
    def delegate(sku: str) -> str:
        """Ask another."""
        return str(inner.invoke(said("hello"))["messages"][-1].content)

    outer = create_react_agent(built.model, [delegate]).with_config(metadata={"lc_agent_name": "outer"})
    graph = StateGraph(dict)
    graph.add_node("first", lambda state: outer.invoke(said(state["ask"])))
    graph.add_edge(START, "first")
    recorded = arm()
    app.provider.reset()
    graph.compile(name="desk").invoke({"ask": """[[tool=delegate args='{"sku": "x"}']] go"""})
    assert tree(recorded) == """invoke_agent desk
  invoke_agent outer
    chat gpt-4o-mini
    execute_tool delegate
      invoke_agent inner
        chat gpt-4o-mini
    chat gpt-4o-mini"""


def test_tools_whose_error_goes_to_the_model_have_failed(app: Any, arm: Any) -> None:
    """So has one whose own error the app gets."""
    from langchain_core.tools import StructuredTool, ToolException

    def broken(sku: str) -> str:
        raise ToolException("canary7f3a")

    recorded = arm()
    call = {"name": "broken", "args": {"sku": "canary7f3a"}, "id": "call_1", "type": "tool_call"}
    StructuredTool.from_function(broken, description="x", handle_tool_error=True).invoke(call)
    with pytest.raises(ToolException):
        StructuredTool.from_function(broken, description="x").invoke(call)
    told = [(one.tool, one.call_id, one.error_type) for one in recorded]
    assert told == [("broken", "call_1", "tool_error"), ("broken", "call_1", "ToolException")]
    assert "canary" not in repr([recorded.attributes(one) for one in recorded])


def test_a_configuration_with_callbacks_is_copied_and_pickled(arm: Any) -> None:
    """Our handler stays one."""
    import copy
    import pickle

    from langchain_core.callbacks import CallbackManager

    arm()
    held = CallbackManager.configure().handlers
    assert len(held) == 1
    assert copy.deepcopy(held)[0] is copy.copy(held)[0] is pickle.loads(pickle.dumps(held))[0] is held[0]
