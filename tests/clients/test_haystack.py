"""Haystack keeps the contract of frameworks: pipelines, agents, tools and retrievals, counted once."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

haystack = pytest.importorskip("haystack")

from canaries import KEY  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401

from tellmetry import prompt  # noqa: E402

CALLS_TOOL = """[[tool=lookup args='{"sku": "canary7f3a"}']] How are you?"""
TEMPLATE = "{% for one in documents %}{{ one.content }}{% endfor %} {{ ask }}"
TWO = not hasattr(haystack.Pipeline, "run_async")  # where asynchronous pipelines are a class of their own



def build(provider: Any, waits: bool) -> Any:
    from haystack import Document
    from haystack.components.agents import Agent
    from haystack.components.builders import ChatPromptBuilder
    from haystack.components.embedders import OpenAITextEmbedder
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.dataclasses import ChatMessage
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.tools import Tool
    from haystack.utils import Secret

    how = {"api_key": Secret.from_token(KEY), "api_base_url": provider.openai_url, "max_retries": 0}
    generator = OpenAIChatGenerator(model="gpt-4o-mini", **how)
    embedder = OpenAITextEmbedder(model="text-embedding-3-small", **how)
    store = InMemoryDocumentStore()
    vector = embedder.run("canary7f3a one")["embedding"]
    store.write_documents([Document(id=one, content=f"canary7f3a {one}", embedding=vector) for one in "abc"])

    def pipeline(**parts: Any) -> Any:
        made = haystack.AsyncPipeline() if TWO and waits else haystack.Pipeline()
        for name, part in parts.items():
            made.add_component(name, part)
        return made

    rag = pipeline(
        embedder=embedder, retriever=InMemoryEmbeddingRetriever(store, top_k=2), generator=generator,
        brief=ChatPromptBuilder([ChatMessage.from_user(TEMPLATE)], required_variables="*"),
    )  # fmt: skip
    rag.connect("embedder.embedding", "retriever.query_embedding")
    rag.connect("retriever.documents", "brief.documents")
    rag.connect("brief.prompt", "generator.messages")
    schema = {"type": "object", "properties": {"sku": {"type": "string"}}}
    tool = Tool("lookup", "Look it up.", schema, lambda sku: str(embedder.run(sku)["meta"]["model"]))
    agent = Agent(chat_generator=generator, tools=[tool])
    agent.warm_up()

    def run(thing: Any, given: Any) -> Any:
        return thing.run_async(given) if waits else thing.run(given)

    def ask(text: str) -> Any:
        asked = {"messages": [ChatMessage.from_user(text)]}
        return agent.run_async(**asked) if waits else agent.run(**asked)

    return SimpleNamespace(
        run=run, rag=rag, ask=ask, agents=pipeline(agent=agent), say=ChatMessage.from_user, generator=generator
    )


def rag(c: Any, ask: str) -> Any:
    return c.run(c.rag, {"embedder": {"text": "x"}, "brief": {"ask": ask}})


RAG = """
invoke_workflow
  embeddings text-embedding-3-small
  retrieval
  chat gpt-4o-mini
"""
AGENT = """
invoke_agent
  chat gpt-4o-mini
  execute_tool lookup
    embeddings text-embedding-3-small
  chat gpt-4o-mini
"""
USES = {
    "pipeline": Use(rag, tree=RAG),
    "pieces": Use(
        lambda c, ask: c.rag.run_async_generator({"embedder": {"text": "x"}, "brief": {"ask": ask}}),
        streams=True, tree=RAG, sides=(True,),
    ),
    "agent": Use(lambda c, ask: c.ask(ask), tree=AGENT, ask=CALLS_TOOL),
    "agent in a pipeline": Use(
        lambda c, ask: c.run(c.agents, {"agent": {"messages": [c.say(ask)]}}), ask=CALLS_TOOL,
        tree="invoke_workflow" + AGENT.rstrip().replace("\n", "\n  "),
    ),
}  # fmt: skip


class TestHaystack(Contract):
    framework = Framework(
        ("haystack", "openai"), ("haystack.tracing.tracer", "haystack.tools.tool"), build, USES,
        stand_ins=frozenset({
            "clients.haystack:_trace", "clients.haystack:_told", "clients.haystack:_listen.<locals>.set_content_tag",
            "clients.haystack:_end",
        }),
    )  # fmt: skip


def test_what_is_known_of_retrievals_runs_and_prompts(app: Any, arm: Any) -> None:
    """Counts, scores and ids; a run's totals and its name; the prompt builder's name, unless the app declares one."""
    built = build(app.provider, False)
    built.rag.metadata["name"] = "answers"
    recorded = arm()
    rag(built, "How are you?")
    (retrieval,), (run,) = recorded.retrievals, recorded.runs
    assert (retrieval.count, retrieval.client, len(retrieval.sources)) == (2, "haystack", 2)
    assert set(retrieval.sources) < {"a", "b", "c"} and retrieval.top_score is not None
    assert (run.name, run.calls, run.retrieval_count) == ("invoke_workflow answers", 2, 2)
    assert run.cost_usd == sum(call.cost_usd for call in recorded.calls) > 0
    with prompt("declared", 1):
        rag(built, "How are you?")
    built.generator.run([built.say("hello")])
    chats = [one for one in recorded.calls if one.operation == "chat"]
    assert [(one.prompt_name, one.workflow) for one in chats] == [("brief", "answers"), ("declared", "answers"), (None, None)]


def test_a_tracer_of_the_app_is_told_as_before(app: Any, arm: Any) -> None:
    """It gets the same spans with the same parents, tags and content, and its own spans are what Haystack holds."""
    from contextlib import contextmanager

    from haystack import tracing

    built, told = build(app.provider, False), []

    class Span(tracing.Span):
        __slots__ = ("name",)

        def __init__(self, name: str) -> None:
            self.name = name

        def set_tag(self, key: str, value: Any) -> None:
            told.append((self.name, key))

        def set_content_tag(self, key: str, value: Any) -> None:
            told.append((self.name, key, "content"))

    class Tracer(tracing.Tracer):
        @contextmanager
        def trace(self, operation_name: str, tags: Any = None, parent_span: Any = None) -> Any:
            told.append((operation_name, sorted(tags or {}), type(parent_span).__name__))
            yield Span(operation_name)
            told.append((operation_name, "ended"))

        def current_span(self) -> Any:
            return None

    tracing.enable_tracing(Tracer())
    try:
        rag(built, "How are you?")
        bare = told[:]
        told.clear()
        recorded = arm()
        rag(built, "How are you?")
    finally:
        tracing.disable_tracing()
    assert told == bare and len(bare) > 10
    assert tree(recorded) == RAG.strip("\n")
    assert recorded.retrievals[0].count == 2


def test_tools_that_fail(app: Any, arm: Any) -> None:
    """The app's error, by its name, and no word of what it says."""
    from haystack.tools import Tool

    def broken(sku: str) -> str:
        raise ValueError("canary7f3a")

    recorded = arm()
    tool = Tool("broken", "x", {"type": "object", "properties": {"sku": {"type": "string"}}}, broken)
    with pytest.raises(Exception, match="canary"):
        tool.invoke(sku="canary7f3a")
    assert [(one.name, one.error_type) for one in recorded] == [("execute_tool broken", "ToolInvocationError")]
    assert "canary" not in repr([recorded.attributes(one) for one in recorded])
    assert not inspect.iscoroutinefunction(tool.invoke)
