"""Pydantic AI keeps the contract of frameworks; where the app has its own spans, agents and tools are left to them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("pydantic_ai.tool_manager")

from canaries import HEADERS, KEY  # noqa: E402
from driving import App  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401
from recording import Recording, recording  # noqa: E402
from tracing import app_provider  # noqa: E402

CALLS_TOOL = """[[tool=lookup args='{"sku": "canary7f3a"}']] How are you?"""


def build(provider: Any, waits: bool) -> Any:
    import openai
    from pydantic_ai import Agent, ModelRetry
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    def agent(name: str | None = "helper") -> Any:
        client = openai.AsyncOpenAI(base_url=provider.openai_url, api_key=KEY, default_headers=HEADERS, max_retries=0)
        made = Agent(OpenAIChatModel("gpt-4o-mini", provider=OpenAIProvider(openai_client=client)), name=name)

        @made.tool_plain
        def lookup(sku: str) -> str:
            """Look it up."""
            if sku == "again":
                raise ModelRetry("canary7f3a")
            return "canary7f3a"

        return made

    helper = agent()

    async def run(ask: str) -> Any:
        return (await helper.run(ask)).output

    async def inferred(ask: str) -> Any:
        found_by_its_variable = agent(None)
        answer = await found_by_its_variable.run(ask)
        return answer.output, found_by_its_variable.name

    async def stepped(ask: str) -> Any:
        async with helper.iter(ask) as running:
            return [type(node).__name__ async for node in running]

    async def streamed(ask: str) -> Any:
        async with helper.run_stream(ask) as answer:
            return [piece async for piece in answer.stream_text(delta=True, debounce_by=None)]

    return SimpleNamespace(run=run, inferred=inferred, stepped=stepped, streamed=streamed, new=agent)


def agent_of(name: str) -> str:
    return f"invoke_agent {name}\n  chat gpt-4o-mini\n  execute_tool lookup\n  chat gpt-4o-mini"


ASYNC = (True,)  # its sync side is its async one, in a loop of its own
USES = {
    "run": Use(lambda c, ask: c.run(ask), tree=agent_of("helper"), ask=CALLS_TOOL, sides=ASYNC),
    "inferred name": Use(lambda c, ask: c.inferred(ask), tree=agent_of("found_by_its_variable"), ask=CALLS_TOOL, sides=ASYNC),
    "stepped": Use(lambda c, ask: c.stepped(ask), tree=agent_of("helper"), ask=CALLS_TOOL, sides=ASYNC),
    "streamed": Use(lambda c, ask: c.streamed(ask), tree="invoke_agent helper\n  chat gpt-4o-mini", sides=ASYNC),
}


class TestPydanticAI(Contract):
    framework = Framework(
        ("pydantic_ai", "openai"),
        ("pydantic_graph.graph_builder", "pydantic_ai.tool_manager"),
        build,
        USES,
        stand_ins=frozenset({"clients.pydantic_ai:_iterated"}),
    )


def test_a_tool_that_asks_to_be_called_again_has_failed(app: App, recorded: Recording) -> None:
    client = build(app.provider, True)
    app.provider.reset()
    app.loop.run(client.run("""[[tool=lookup args='{"sku": "again"}']]"""))
    (tool,) = [one for one in recorded if one.operation == "execute_tool"]
    assert (tool.error_type, recorded[-1].error_type) == ("ToolRetryError", None)
    assert tool.call_id is not None


def test_in_a_loop_of_its_own(app: App, recorded: Recording) -> None:
    app.provider.reset()
    build(app.provider, False).new().run_sync(CALLS_TOOL)
    assert tree(recorded) == agent_of("helper")


@pytest.mark.parametrize("how", ["all", "one"])
def test_spans_that_the_app_asked_for_are_left_as_they_are(app: App, tmp_path: Path, how: str) -> None:
    """No second span for an agent or a tool; the model call is ours too, for its price, under the framework's own."""
    from pydantic_ai import Agent

    client = build(app.provider, True)
    helper = client.new()
    with app_provider() as spans:
        if how == "all":
            Agent.instrument_all()
        else:
            helper.instrument = True
        try:
            app.provider.reset()
            app.loop.run(_run(helper))
            before = sorted(span.name for span in spans.others)
            spans.clear()
            app.provider.reset()
            with recording(tmp_path):
                app.loop.run(_run(helper))
        finally:
            Agent.instrument_all(False)
        assert sorted(span.name for span in spans.others) == before
        assert [span.name for span in spans.ours] == ["chat gpt-4o-mini"] * 2
        theirs = {span.context.span_id for span in spans.others if span.name.startswith("chat")}
        assert {span.parent.span_id for span in spans.ours} == theirs


async def _run(agent: Any) -> None:
    await agent.run(CALLS_TOOL)
