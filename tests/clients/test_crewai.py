"""CrewAI keeps the contract of frameworks: crews, flows, agents and tools, counted once, over openai and over LiteLLM."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CREWAI_TESTING": "true"}
os.environ |= {"CREWAI_DISABLE_VERSION_CHECK": "true", "CREWAI_STORAGE_DIR": tempfile.mkdtemp()}
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
crewai = pytest.importorskip("crewai")

from canaries import HEADERS, KEY  # noqa: E402
from driving import App, Turn  # noqa: E402
from frameworks import Contract, Framework, Use, fair, pytest_generate_tests, tree  # noqa: E402, F401
from recording import Recording  # noqa: E402

import tellmetry  # noqa: E402

ELSEWHERE: list[Any] = []  # the hosts that this process has asked for


@sys.addaudithook
def _audited(event: str, args: Any) -> None:
    if event == "socket.getaddrinfo" and args[0] not in ("127.0.0.1", "localhost", "::1", None):
        ELSEWHERE.append(args[0])


CALLS_TOOL = """[[tool=lookup args='{"sku": "canary7f3a"}']] How are you?"""


def build_with(**more: Any) -> Any:
    def build(provider: Any, waits: bool) -> Any:
        from crewai.flow.flow import Flow, listen, start
        from crewai.tools import tool

        reached = {"base_url": provider.openai_url, "api_key": KEY, "max_retries": 0, "default_headers": HEADERS}

        @tool("lookup")
        def lookup(sku: str) -> str:
            """Look it up."""
            return "canary7f3a"

        def agent(**to_model: Any) -> Any:  # whose model keeps count of its tokens
            llm = crewai.LLM(model="openai/gpt-4o-mini", **reached, **more, **to_model)
            return crewai.Agent(
                role="helper", goal="Help.", backstory="You help.", llm=llm, tools=[lookup], max_retry_limit=0, cache=False,
            )  # fmt: skip

        def crew(ask: str, **how: Any) -> Any:
            helper = agent(**how)
            task = crewai.Task(description=ask, expected_output="An answer.", agent=helper)
            return crewai.Crew(name="shop", agents=[helper], tasks=[task], **how)

        class Answers(Flow):  # type: ignore[type-arg]
            @start()
            def ask(self) -> Any:
                return crew(self.state["ask"]).kickoff().raw

            @listen(ask)
            async def again(self, said: str) -> str:
                return (await agent().kickoff_async(self.state["ask"])).raw

        def run(thing: Any, *given: Any, **named: Any) -> Any:
            return (thing.akickoff if waits else thing.kickoff)(*given, **named)

        def stream(ask: str) -> Any:
            told = run(crew(ask, stream=True))
            return told if waits else iter(told)  # which is a stream of both kinds, by its looks

        return SimpleNamespace(run=run, stream=stream, crew=crew, agent=agent, flow=lambda: Answers(suppress_flow_events=True))

    return build


AGENT = """
invoke_agent helper
  chat gpt-4o-mini
  execute_tool lookup
  chat gpt-4o-mini
"""
INSIDE = AGENT.rstrip().replace("\n", "\n  ")
USES = {
    "crew": Use(lambda c, ask: c.run(c.crew(ask)), tree="invoke_workflow shop" + INSIDE, ask=CALLS_TOOL),
    "streamed crew": Use(
        lambda c, ask: c.stream(ask), streams=True, tree="invoke_workflow shop" + INSIDE, ask=CALLS_TOOL
    ),
    "flow": Use(
        lambda c, ask: c.run(c.flow(), inputs={"ask": ask}), tree="invoke_workflow Answers" + 2 * INSIDE, ask=CALLS_TOOL
    ),
    "agent": Use(lambda c, ask: c.run(c.agent(), ask), tree=AGENT, ask=CALLS_TOOL),
}
ONCE = ("crewai.memory.storage.lancedb_storage",)  # says that there is no table yet
MODULES = ("crewai.crew", "crewai.flow.runtime", "crewai.knowledge.knowledge", "crewai.memory.unified_memory")


WORKS_ON = ("streamed crew", "flow")  # in threads of its own, though the app has gone


class TestCrewAI(Contract):
    framework = Framework(("crewai", "openai"), MODULES, build_with(), USES, deaf=ONCE, talks=("root",))

    def _run(self, app: App, case: tuple[str, bool], says: str = "", turn: Turn | None = None) -> Any:
        """Run a use until its threads have ended; how far those have come when the app leaves is chance."""
        pool = ThreadPoolExecutor()
        app.loop.get_loop().set_default_executor(pool)
        sighted = super()._run(app, case, says, turn)
        pool.shutdown()
        app.loop.get_loop().set_default_executor(ThreadPoolExecutor())
        for thread in threading.enumerate():
            if thread.name.endswith("(run)"):
                thread.join()
        if turn is not None and case[0] in WORKS_ON:
            sighted.sent, sighted.logs = [], []
        return sighted

    def test_its_call_is_litellms(self, app: App, arm: Any) -> None:
        """Where the app asks for LiteLLM the same crew is told the same, and the bill is the same."""
        importlib.import_module("litellm")
        recorded = arm()
        app.provider.reset()
        built = build_with(is_litellm=True)(app.provider, False)
        built.run(built.crew(CALLS_TOOL))
        assert tree(recorded) == "invoke_workflow shop" + INSIDE
        assert {call.client for call in recorded.calls} == {"litellm"}
        fair(app, recorded)


def test_crews_in_threads_and_one_after_the_other(app: App, recorded: Recording) -> None:
    """`kickoff_async` runs in a thread, a task may run in another, and each of many inputs is a run, all at once."""
    built = build_with()(app.provider, False)
    crew = built.crew(CALLS_TOOL)
    crew.tasks[0].async_execution = True

    async def use() -> None:
        await crew.kickoff_async()
        await built.crew("{what}").kickoff_for_each_async([{"what": CALLS_TOOL}] * 2)

    app.provider.reset()
    app.loop.run(use())
    assert tree(recorded) == "\n".join(["invoke_workflow shop" + INSIDE] * 3)
    fair(app, recorded)


def test_a_run_of_the_apps_has_the_totals(app: App, recorded: Recording) -> None:
    """No run inside a run: what a crew costs is the workflow's."""
    app.provider.reset()
    built = build_with()(app.provider, False)
    with tellmetry.workflow("report"):
        built.run(built.crew(CALLS_TOOL))
        built.run(built.flow(), inputs={"ask": CALLS_TOOL})
    assert tree(recorded) == "invoke_workflow report" + 3 * INSIDE
    fair(app, recorded)
    (run,), bill = recorded.runs, app.provider.bill.total().complete
    assert (run.calls, run.input_tokens, run.output_tokens, run.tools) == (6, bill.usage.input, bill.usage.output, ("lookup",))
    assert run.cost_usd == pytest.approx(float(bill.usd), rel=1e-9)


def test_a_role_is_told_without_what_was_put_into_it(app: App, recorded: Recording) -> None:
    app.provider.reset()
    crew = build_with()(app.provider, False).crew("How are you?")
    crew.agents[0].role = "\n  Helper with {topic}\n"
    crew.name = "crew"  # which is what CrewAI calls one that has no name
    crew.kickoff(inputs={"topic": "canary7f3a"})
    assert tree(recorded) == "invoke_workflow\n  invoke_agent Helper with {topic}\n    chat gpt-4o-mini"
    assert "canary" not in repr([recorded.attributes(one) for one in recorded])


def test_a_tool_that_fails(recorded: Recording) -> None:
    """By raising, by saying so, and by having been used too often."""
    from crewai.tools import tool
    from crewai.tools.tool_failure import ToolFailure

    @tool("broken")
    def broken(sku: str) -> Any:
        """Break."""
        if sku == "raise":
            raise KeyError("canary7f3a")
        return ToolFailure(message="canary7f3a")

    with pytest.raises(KeyError):
        broken.run(sku="raise")
    with pytest.raises(KeyError):
        broken.to_structured_tool().invoke({"sku": "raise"})
    broken.run(sku="tell")
    broken.max_usage_count = 1
    broken.run(sku="tell")
    assert [(one.name, one.error_type) for one in recorded] == [
        ("execute_tool broken", error) for error in ("KeyError", "KeyError", "tool_error", "tool_error")
    ]
    assert "canary" not in repr([recorded.attributes(one) for one in recorded])


def test_knowledge_and_memory(app: App, recorded: Recording, tmp_path: Any) -> None:
    """Looked up in the embedded stores that CrewAI brings: how many, how good, which; nothing found is told, too."""
    from crewai.knowledge.knowledge import Knowledge
    from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
    from crewai.memory.unified_memory import Memory

    config = {"api_key": KEY, "api_base": app.provider.openai_url, "model_name": "text-embedding-3-small"}
    embedder: Any = {"provider": "openai", "config": config}
    source = StringKnowledgeSource(content="canary7f3a is here. " * 20, chunk_size=100, chunk_overlap=0)
    knowledge = Knowledge(collection_name="shop", sources=[source], embedder=embedder)
    knowledge.add_sources()
    memory = Memory(llm=crewai.LLM("openai/gpt-4o-mini", api_key=KEY), storage=str(tmp_path), embedder=embedder)
    memory.remember("canary7f3a", scope="/shop", categories=["one"], importance=0.5)
    memory.drain_writes()
    app.provider.reset()
    recorded.clear()
    found = knowledge.query(["canary7f3a"], results_limit=3, score_threshold=-2)
    knowledge.query(["canary7f3a"], results_limit=3, score_threshold=2)
    recalled = memory.recall("canary7f3a", limit=4, depth="shallow")
    assert [(one.client, one.source, one.top_k, one.count) for one in recorded.retrievals] == [
        ("crewai", "shop", 3, len(found)), ("crewai", "shop", 3, 0), ("crewai", "memories", 4, 1),
    ]  # fmt: skip
    first, _, last = recorded.retrievals
    assert (first.sources, first.top_score) == (tuple(one["id"] for one in found), max(one["score"] for one in found))
    assert (last.sources, last.top_score) == ((recalled[0].record.id,), recalled[0].score)
    assert "canary" not in repr([recorded.attributes(one) for one in recorded])
    fair(app, recorded)


def test_knowledge_looked_up_later(app: App, recorded: Recording) -> None:
    """Of a store of the app's own: the embedded one is asked in vain, since CrewAI gives it no asynchronous client."""
    from crewai.knowledge.knowledge import Knowledge

    async def asearch(query: list[str], **_: Any) -> list[Any]:
        return [{"id": "a", "content": "canary7f3a", "metadata": {}, "score": 0.5}]

    knowledge = Knowledge(collection_name="shop", sources=[])
    knowledge.storage = SimpleNamespace(collection_name="shop", asearch=asearch)
    app.loop.run(knowledge.aquery(["canary7f3a"], results_limit=2))
    (one,) = recorded.retrievals
    assert (one.source, one.top_k, one.count, one.top_score, one.sources) == ("shop", 2, 1, 0.5, ("a",))


def test_nothing_was_sent_elsewhere() -> None:
    """Neither CrewAI's telemetry nor we have looked for any other host than this machine."""
    assert not ELSEWHERE
