"""Counted once: whatever stands on top of whatever, our calls, tokens and dollars are the provider's own bill."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from driving import App
from frameworks import fair
from recording import Recording

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
GPT, CLAUDE = "gpt-4o-mini", "claude-sonnet-4-5"
KEY = "sk-test"
_TOLD: dict[str, Any] = {"plain": {}, "stream": {"stream_options": {"include_usage": True}}}


class Stack(NamedTuple):
    """One stack: what must be installed, and `asks(provider, way)` that gives the function to ask with.

    `way` is `plain` or `stream`; the function takes a text and whether to answer with something to await.
    """

    needs: tuple[str, ...]
    asks: Callable[[Any, str], Callable[[str, bool], Any]]
    calls: int = 1


def _langchain(model: Any, way: str) -> Any:
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    chain = ChatPromptTemplate.from_messages([("system", "Be brief."), ("user", "{ask}")]) | model | StrOutputParser()
    names = ("stream", "astream") if way == "stream" else ("invoke", "ainvoke")
    return lambda text, waits: getattr(chain, names[waits])({"ask": text})


def _chat_openai(provider: Any) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=GPT, base_url=provider.openai_url, api_key=KEY, max_retries=2, stream_usage=True)


def langchain_openai(provider: Any, way: str) -> Any:
    return _langchain(_chat_openai(provider), way)


def langchain_responses(provider: Any, way: str) -> Any:
    from langchain_openai import ChatOpenAI

    how = {"base_url": provider.openai_url, "api_key": KEY, "max_retries": 2}
    return _langchain(ChatOpenAI(model=GPT, use_responses_api=True, **how), way)


def langchain_anthropic(provider: Any, way: str) -> Any:
    from langchain_anthropic import ChatAnthropic

    return _langchain(ChatAnthropic(model_name=CLAUDE, base_url=provider.url, api_key=KEY, max_retries=2), way)


def langchain_litellm(provider: Any, way: str) -> Any:
    from langchain_litellm import ChatLiteLLM

    how = {"api_base": provider.openai_url, "api_key": KEY, "max_retries": 2}
    return _langchain(ChatLiteLLM(model=f"openai/{GPT}", model_kwargs=_TOLD[way], **how), way)


def langgraph_agent(provider: Any, way: str) -> Any:
    from langchain_core.tools import tool
    from langgraph.prebuilt import create_react_agent

    @tool
    def lookup(sku: str) -> str:
        """Look it up."""
        return "found"

    agent = create_react_agent(_chat_openai(provider), [lookup])
    names = ("stream", "astream") if way == "stream" else ("invoke", "ainvoke")
    more = {"stream_mode": "messages"} if way == "stream" else {}
    return lambda text, waits: getattr(agent, names[waits])({"messages": [("user", f"[[tool=lookup]] {text}")]}, **more)


def _llama_index(llm: Any, way: str) -> Any:
    from llama_index.core import SummaryIndex
    from llama_index.core.schema import TextNode

    index = SummaryIndex([TextNode(text="one"), TextNode(text="two")])
    engine = index.as_query_engine(llm=llm, streaming=way == "stream", response_mode="tree_summarize", use_async=False)

    def ask(text: str, waits: bool) -> Any:
        if way == "stream":
            return llm.astream_complete(text) if waits else engine.query(text).response_gen
        return engine.aquery(text) if waits else engine.query(text)

    return ask


def llama_index_openai(provider: Any, way: str) -> Any:
    from llama_index.llms.openai import OpenAI

    how = {"api_base": provider.openai_url, "api_key": KEY, "max_retries": 2}
    return _llama_index(OpenAI(model=GPT, additional_kwargs=_TOLD[way], **how), way)


def llama_index_anthropic(provider: Any, way: str) -> Any:
    import anthropic
    from llama_index.llms.anthropic import Anthropic

    if anthropic.__version__ >= "1":  # bare, too, it then fails to ask
        pytest.skip("llama-index-llms-anthropic works with anthropic 0 only: the environment `old` has both")
    return _llama_index(Anthropic(model=CLAUDE, base_url=provider.url, api_key=KEY, max_retries=2), way)


def haystack_openai(provider: Any, way: str) -> Any:
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.dataclasses import ChatMessage
    from haystack.utils import Secret

    generator = OpenAIChatGenerator(
        api_key=Secret.from_token(KEY), model=GPT, api_base_url=provider.openai_url, max_retries=2,
        generation_kwargs=_TOLD[way],
    )  # fmt: skip

    async def heard(chunk: Any) -> None:
        pass

    def ask(text: str, waits: bool) -> Any:
        callback = None if way == "plain" else heard if waits else lambda chunk: None
        run = generator.run_async if waits else generator.run
        return run([ChatMessage.from_user(text)], streaming_callback=callback)

    return ask


def litellm_openai(provider: Any, way: str) -> Any:
    import litellm

    how = {"api_base": provider.openai_url, "api_key": KEY, "max_retries": 2}
    more = {"stream": True, **_TOLD[way]} if way == "stream" else {}

    def ask(text: str, waits: bool) -> Any:
        said = [{"role": "user", "content": text}]
        return (litellm.acompletion if waits else litellm.completion)(f"openai/{GPT}", said, **how, **more)

    return ask


STACKS = {
    "langchain over openai": Stack(("langchain_openai",), langchain_openai),
    "langchain over openai responses": Stack(("langchain_openai",), langchain_responses),
    "langchain over anthropic": Stack(("langchain_anthropic",), langchain_anthropic),
    "langchain over litellm over openai": Stack(("langchain_litellm",), langchain_litellm),
    "langgraph agent over openai": Stack(("langgraph", "langchain_openai"), langgraph_agent, calls=2),
    "llama-index over openai": Stack(("llama_index.llms.openai",), llama_index_openai),
    "llama-index over anthropic": Stack(("llama_index.llms.anthropic",), llama_index_anthropic),
    "haystack over openai": Stack(("haystack",), haystack_openai),
    "litellm over openai": Stack(("litellm",), litellm_openai),
}
SAYS = {
    "plain": "How are you?",
    "cached": "[[input=3000 cached=2048 output=50 reasoning=20]] How are you?",
    "retried": "[[status=429 times=1 retry_after_ms=3]] How are you?",
}


@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("way", ["plain", "stream"])
@pytest.mark.parametrize("says", SAYS)
@pytest.mark.parametrize("name", STACKS)
def test_ours_is_the_bill(name: str, says: str, way: str, waits: bool, app: App, arm: Callable[[], Recording]) -> None:
    """Three askings, one after the other: what was paid is told, and nothing is told twice."""
    stack = STACKS[name]
    for module in stack.needs:
        pytest.importorskip(module)
    recorded = arm()
    app.provider.reset()
    ask = stack.asks(app.provider, way)

    async def use() -> None:
        for _ in range(3):
            given = ask(SAYS[says], waits)
            given = await given if inspect.isawaitable(given) else given
            if way == "stream" and waits and hasattr(given, "__aiter__"):
                async for _piece in given:
                    pass
            elif way == "stream" and not waits and hasattr(given, "__next__"):
                deque(given, 0)  # LiteLLM's streams look like both kinds

    app.loop.run(asyncio.wait_for(use(), 60))
    assert app.provider.bill.settled()
    fair(app, recorded)
    assert len(recorded.calls) == 3 * stack.calls
    assert sum(call.cost_usd or 0 for call in recorded.calls) > 0
    assert not any(call.estimated for call in recorded.calls)
    assert all(call.ending == "completed" for call in recorded.calls if way == "stream" and call.stream)
