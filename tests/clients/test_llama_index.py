"""LlamaIndex keeps the contract of frameworks: queries, agents, workflows, tools and retrievals, counted once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

steps = pytest.importorskip("llama_index.core.workflow")

from canaries import HEADERS, KEY  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401

from tellmetry import prompt  # noqa: E402

try:
    from llama_index.llms.openai import OpenAI as Adapter
except ImportError:  # there is none that goes with the openai of this environment: an app's own, over the SDK
    Adapter = None

StartEvent, StopEvent = steps.StartEvent, steps.StopEvent  # found by name where a step is annotated with them
CALLS_TOOL = """[[tool=lookup args='{"sku": "canary7f3a"}']] How are you?"""
DOCUMENTS = ("canary7f3a one", "canary7f3a two", "three")


def model(provider: Any) -> Any:
    if Adapter is not None:
        return Adapter(model="gpt-4o-mini", api_base=provider.openai_url, api_key=KEY, max_retries=0, reuse_client=True, default_headers=HEADERS)
    import openai
    from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
    from llama_index.core.llms import CustomLLM

    how = {"base_url": provider.openai_url, "api_key": KEY, "max_retries": 0, "default_headers": HEADERS}
    client, aclient = openai.OpenAI(**how), openai.AsyncOpenAI(**how)

    def asked(text: str) -> dict[str, Any]:
        return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}

    class Own(CustomLLM):
        @property
        def metadata(self) -> Any:
            return LLMMetadata(model_name="gpt-4o-mini")

        def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
            return CompletionResponse(text=client.chat.completions.create(**asked(prompt)).choices[0].message.content)

        async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
            told = await aclient.chat.completions.create(**asked(prompt))
            return CompletionResponse(text=told.choices[0].message.content)

        def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
            options = {"stream": True, "stream_options": {"include_usage": True}}
            for chunk in client.chat.completions.create(**asked(prompt), **options):
                piece = chunk.choices[0].delta.content if chunk.choices else ""
                yield CompletionResponse(text=piece or "", delta=piece or "")

    return Own()


def embedding(provider: Any) -> Any:
    import openai
    from llama_index.core.embeddings import BaseEmbedding

    how = {"base_url": provider.openai_url, "api_key": KEY, "max_retries": 0, "default_headers": HEADERS}
    client, aclient = openai.OpenAI(**how), openai.AsyncOpenAI(**how)

    class Own(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> Any:
            return client.embeddings.create(model="text-embedding-3-small", input=[text]).data[0].embedding

        async def _aget_query_embedding(self, query: str) -> Any:
            told = await aclient.embeddings.create(model="text-embedding-3-small", input=[query])
            return told.data[0].embedding

        _get_query_embedding = _get_text_embedding

    return Own()


def build(provider: Any, waits: bool) -> Any:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.schema import TextNode
    from llama_index.core.tools import FunctionTool

    llm = model(provider)
    nodes = [TextNode(text=text, id_=id_) for text, id_ in zip(DOCUMENTS, "abc", strict=True)]
    index = VectorStoreIndex(nodes, embed_model=embedding(provider))
    retriever = index.as_retriever(similarity_top_k=2)

    def lookup(sku: str) -> str:
        """Look it up."""
        return str([one.node.node_id for one in retriever.retrieve(sku)])

    class Flow(steps.Workflow):
        @steps.step
        async def ask(self, event: StartEvent) -> StopEvent:
            await retriever.aretrieve(event.ask)
            return StopEvent(str(await llm.acomplete(event.ask)))

    tool = FunctionTool.from_defaults(lookup)
    agent = FunctionAgent(tools=[tool], llm=llm, name="helper", streaming=False) if Adapter is not None else None

    async def run(runs: Any, **asked: Any) -> Any:
        return str(await runs.run(**asked))

    return SimpleNamespace(
        waits=waits, retriever=retriever, query=index.as_query_engine(llm=llm, similarity_top_k=2), agent=agent,
        stream=index.as_query_engine(llm=llm, similarity_top_k=2, streaming=True), flow=Flow(timeout=30), run=run,
        chat=index.as_chat_engine(chat_mode="context", llm=llm, similarity_top_k=2), tool=tool, llm=llm, index=index,
    )  # fmt: skip


def either(c: Any, thing: Any, name: str, *given: Any, **more: Any) -> Any:
    return getattr(thing, f"a{name}" if c.waits else name)(*given, **more)


def chat(c: Any, ask: str) -> Any:
    c.chat.reset()
    return either(c, c.chat, "chat", ask)


RAG = "invoke_workflow\n  retrieval\n    embeddings text-embedding-3-small\n  chat gpt-4o-mini"
TOOL = "execute_tool lookup\n  retrieval\n    embeddings text-embedding-3-small"
USES = {
    "query": Use(lambda c, ask: either(c, c.query, "query", ask), tree=RAG),
    "retriever": Use(lambda c, ask: either(c, c.retriever, "retrieve", ask), tree="retrieval\n  embeddings text-embedding-3-small"),
    "query stream": Use(  # the model is asked when the app takes the first piece, and the query has returned by then
        lambda c, ask: c.stream.query(ask), then=lambda answer: answer.response_gen, streams=True, sides=(False,),
        tree="invoke_workflow\n  retrieval\n    embeddings text-embedding-3-small\nchat gpt-4o-mini",
    ),
    "chat": Use(chat, tree=RAG, alone=True),
    "tool": Use(lambda c, ask: c.tool(sku=ask), tree=TOOL, sides=(False,)),
    "workflow": Use(lambda c, ask: c.run(c.flow, ask=ask), tree=RAG, sides=(True,)),
}  # fmt: skip
if Adapter is not None:
    USES["async tool"] = Use(lambda c, ask: c.tool.acall(sku=ask), tree=TOOL, sides=(True,))
else:  # before 0.14 a plain function runs in a thread without the context of its tool, so it is a tree of its own
    USES["async tool"] = Use(
        lambda c, ask: c.tool.acall(sku=ask), tree=TOOL.replace("\n  ", "\n"), sides=(True,), alone=True
    )
if Adapter is not None:
    USES["agent"] = Use(
        lambda c, ask: c.run(c.agent, user_msg=ask), sides=(True,), ask=CALLS_TOOL,
        tree="""
invoke_agent helper
  chat gpt-4o-mini
  execute_tool lookup
    retrieval
      embeddings text-embedding-3-small
  chat gpt-4o-mini
""",
    )  # fmt: skip


class TestLlamaIndex(Contract):
    framework = Framework(
        ("llama_index", "openai"), ("llama_index.core.instrumentation",), build, USES, ("aiosqlite",),
        stand_ins=frozenset({"clients.llama_index:Told.span_exit", "clients.llama_index:Told.span_drop"}),
    )  # fmt: skip


def test_what_is_known_of_retrievals_and_runs(app: Any, arm: Any) -> None:
    """Counts, scores and ids; a run's totals are those of its calls, and an app's run is not told again."""
    from tellmetry import workflow

    built = build(app.provider, False)
    recorded = arm()
    built.query.query("How are you?")
    (retrieval,), (run,) = recorded.retrievals, recorded.runs
    chat = recorded.calls[-1]
    assert (retrieval.count, retrieval.top_k, len(retrieval.sources)) == (2, 2, 2)
    assert set(retrieval.sources) < {"a", "b", "c"} and 0 <= retrieval.top_score <= 1
    assert (run.calls, run.retrieval_count, chat.retrieval_count) == (2, 2, 2)
    assert run.cost_usd == sum(call.cost_usd for call in recorded.calls) > 0
    recorded.clear()
    with workflow("mine"):
        built.query.query("How are you?")
    assert tree(recorded) == RAG.replace("workflow", "workflow mine", 1)


def test_templates_name_their_prompt(app: Any, arm: Any) -> None:
    """LlamaIndex' own by what they are for, the app's by their metadata, and what the app declares comes first."""
    from llama_index.core.prompts import PromptTemplate

    built = build(app.provider, False)
    recorded = arm()
    built.query.query("How are you?")
    mine = PromptTemplate("{context_str} {query_str}", metadata={"name": "brief", "version": "3"})
    built.query.update_prompts({"response_synthesizer:text_qa_template": mine})
    built.query.query("How are you?")
    with prompt("declared", 1):
        built.query.query("How are you?")
    built.llm.complete("How are you?")
    chats = [one for one in recorded.calls if one.operation == "chat"]
    assert [one.prompt_name for one in chats] == ["text_qa", "brief", "declared", None]
    assert [one.prompt_version for one in chats][1:3] == ["3", "1"]


def test_handlers_of_the_app_hear_the_same(app: Any, arm: Any) -> None:
    """Its span and event handlers are called as before, in the same order."""
    from llama_index.core.instrumentation import get_dispatcher
    from llama_index.core.instrumentation.event_handlers import BaseEventHandler
    from llama_index.core.instrumentation.span_handlers import SimpleSpanHandler

    heard: list[str] = []

    class Ear(BaseEventHandler):
        def handle(self, event: Any, **kwargs: Any) -> None:
            heard.append(type(event).__name__)

    class Spans(SimpleSpanHandler):
        def span_enter(self, id_: str, *args: Any, **kwargs: Any) -> None:
            heard.append(id_.partition("-")[0])

    built, everywhere = build(app.provider, False), get_dispatcher()
    ours = Ear(), Spans()
    everywhere.add_event_handler(ours[0])
    everywhere.add_span_handler(ours[1])
    try:
        built.query.query("How are you?")
        bare = heard[:]
        heard.clear()
        arm()
        built.query.query("How are you?")
    finally:
        everywhere.event_handlers.remove(ours[0])
        everywhere.span_handlers.remove(ours[1])
    assert heard == bare
    assert "RetrieverQueryEngine.query" in bare and "QueryEndEvent" in bare
