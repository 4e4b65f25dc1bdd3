"""Agents over clients: every call is told once, under its agent, and our tokens and dollars are the provider's bill."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("DSPY_CACHEDIR", tempfile.mkdtemp())

from driving import App  # noqa: E402
from frameworks import fair, tree  # noqa: E402
from recording import Recording  # noqa: E402

import tellmetry  # noqa: E402

CALLS_TOOL = """[[tool=lookup args='{"sku": "one"}']] How are you?"""
SAYS = '{"next_thought":"t","next_tool_name":"lookup","next_tool_args":{"sku":"1"},"reasoning":"r","answer":"four"}'


def lookup(sku: str) -> str:
    """Look it up."""
    return sku


def _openai(provider: Any) -> Any:
    openai = pytest.importorskip("openai")
    return openai.AsyncOpenAI(base_url=provider.openai_url, api_key="sk-test", max_retries=2)


def agents_over_chat(provider: Any) -> Any:
    agents = pytest.importorskip("agents")
    return _agent(agents.OpenAIChatCompletionsModel(model="gpt-4o-mini", openai_client=_openai(provider)))


def agents_over_responses(provider: Any) -> Any:
    agents = pytest.importorskip("agents")
    return _agent(agents.OpenAIResponsesModel(model="gpt-4o-mini", openai_client=_openai(provider)))


def _agent(model: Any) -> Any:
    import agents

    agents.set_tracing_disabled(True)
    helper = agents.Agent(name="helper", model=model, tools=[agents.function_tool(lookup)])
    return lambda ask: agents.Runner.run(helper, ask)


def pydantic_ai_over_openai(provider: Any) -> Any:
    pytest.importorskip("pydantic_ai")
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return _pydantic(OpenAIChatModel("gpt-4o-mini", provider=OpenAIProvider(openai_client=_openai(provider))))


def pydantic_ai_over_anthropic(provider: Any) -> Any:
    pytest.importorskip("pydantic_ai")
    anthropic = pytest.importorskip("anthropic")
    if version("pydantic-ai-slim").startswith("1."):
        pytest.skip("it sends what anthropic 1.17 takes no more")
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = anthropic.AsyncAnthropic(base_url=provider.url, api_key="sk-test", max_retries=2)
    return _pydantic(AnthropicModel("claude-sonnet-4-5", provider=AnthropicProvider(anthropic_client=client)))


def _pydantic(model: Any) -> Any:
    from pydantic_ai import Agent

    return Agent(model, name="helper", tools=[lookup]).run


def dspy_over_its_engine(provider: Any) -> Any:
    dspy = pytest.importorskip("dspy")
    if not hasattr(dspy, "lm15"):
        pytest.skip("it has none before 3.2, and calls LiteLLM")
    return _react(provider, engine="lm15")


def dspy_over_litellm(provider: Any) -> Any:
    dspy = pytest.importorskip("dspy")
    return _react(provider, **({"engine": "litellm"} if hasattr(dspy, "lm15") else {}))


def _react(provider: Any, **how: Any) -> Any:
    import dspy

    lm = dspy.LM("openai/gpt-4o-mini", api_key="sk-test", api_base=provider.openai_url, cache=False, num_retries=0, **how)
    react = dspy.ReAct("question -> answer", tools=[lookup], max_iters=1)

    async def run(ask: str) -> Any:
        with dspy.context(lm=lm, adapter=dspy.JSONAdapter()):
            return await react.acall(question=ask.replace(CALLS_TOOL, f"[[say='{SAYS}']] How are you?"))

    return run


STACKS: tuple[tuple[Callable[[Any], Any], str, str], ...] = (
    (agents_over_chat, "helper", "gpt-4o-mini"),
    (agents_over_responses, "helper", "gpt-4o-mini"),
    (pydantic_ai_over_openai, "helper", "gpt-4o-mini"),
    (pydantic_ai_over_anthropic, "helper", "claude-sonnet-4-5"),
    (dspy_over_its_engine, "ReAct", "gpt-4o-mini"),
    (dspy_over_litellm, "ReAct", "gpt-4o-mini"),
)


@pytest.mark.parametrize(("stack", "agent", "model"), STACKS, ids=[stack.__name__ for stack, _, _ in STACKS])
def test_counted_once(stack: Callable[[Any], Any], agent: str, model: str, app: App, recorded: Recording) -> None:
    """Twice in one run: each agent has its calls and its tool, and the run's totals are the bill."""
    run = stack(app.provider)
    app.provider.reset()

    async def twice() -> None:
        with tellmetry.workflow("shop"):
            await run(CALLS_TOOL)
            await run(CALLS_TOOL)

    app.loop.run(twice())
    lines = ["  invoke_agent " + agent, f"    chat {model}", "    execute_tool lookup", f"    chat {model}"]
    assert tree(recorded) == "\n".join(["invoke_workflow shop", *lines, *lines])
    fair(app, [one for one in recorded if one.operation == "chat"])
    bill, (whole,) = app.provider.bill.total().complete, recorded.runs
    assert (whole.calls, whole.input_tokens, whole.output_tokens) == (4, bill.usage.input, bill.usage.output)
    assert whole.cost_usd == pytest.approx(float(bill.usd), rel=1e-9)
    assert whole.tools == ("lookup",)
