"""CrewAI keeps the contract of frameworks: crews, flows, agents and tools, counted once, over openai and over LiteLLM."""

from __future__ import annotations

import os
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

from driving import App, Turn  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401

CALLS_TOOL = """[[tool=lookup args='{"sku": "canary-7f3a"}']] How are you?"""


def build_with(**more: Any) -> Any:
    def build(provider: Any, waits: bool) -> Any:
        from crewai.flow.flow import Flow, listen, start
        from crewai.tools import tool

        reached = {"base_url": provider.openai_url, "api_key": "sk-test", "max_retries": 0}

        @tool("lookup")
        def lookup(sku: str) -> str:
            """Look it up."""
            return "canary-7f3a"

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
    "agent": Use(lambda c, ask: c.run(c.agent(), ask), tree=AGENT, ask=CALLS_TOOL),
    "flow": Use(
        lambda c, ask: c.run(c.flow(), inputs={"ask": ask}), tree="invoke_workflow Answers" + 2 * INSIDE, ask=CALLS_TOOL
    ),
}
ONCE = ("crewai.memory.storage.lancedb_storage",)  # says that there is no table yet
MODULES = ("crewai.crew", "crewai.flow.runtime", "crewai.knowledge.knowledge", "crewai.memory.unified_memory")


WORKS_ON = ("streamed crew", "flow")  # in threads of its own, though the app has gone


class TestCrewAI(Contract):
    framework = Framework(("crewai", "openai"), MODULES, build_with(), USES, deaf=ONCE)

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
