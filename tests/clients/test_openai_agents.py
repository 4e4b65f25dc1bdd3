"""OpenAI's agents keep the contract of frameworks, whatever the app does with the SDK's tracing; guardrails are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("agents.tool_guardrails")

from canaries import HEADERS, KEY  # noqa: E402
from driving import App  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401
from recording import Recording  # noqa: E402

CALLS_TOOL = """[[tool=lookup args='{"sku": "canary7f3a"}']] How are you?"""


def build(provider: Any, waits: bool) -> Any:
    import agents
    import openai

    agents.set_tracing_disabled(True)  # as an app does that has no key of the vendor's
    guarded = agents.GuardrailFunctionOutput

    def model() -> Any:
        client = openai.AsyncOpenAI(base_url=provider.openai_url, api_key=KEY, default_headers=HEADERS, max_retries=0)
        return agents.OpenAIResponsesModel(model="gpt-4o-mini", openai_client=client)

    @agents.tool_input_guardrail
    def careful(data: Any) -> Any:
        refused = "refused" in data.context.tool_arguments
        told = agents.ToolGuardrailFunctionOutput
        return told.reject_content("no canary7f3a") if refused else told.allow()

    @agents.function_tool(tool_input_guardrails=[careful])
    def lookup(sku: str) -> str:
        """Look it up."""
        if sku == "broken":
            raise ValueError("canary7f3a")
        return "canary7f3a"

    @agents.input_guardrail(run_in_parallel=False)
    def polite(context: Any, agent: Any, said: Any) -> Any:
        if "[broken]" in str(said):
            raise ValueError("canary7f3a")
        return guarded(output_info="canary7f3a", tripwire_triggered="[rude]" in str(said))

    @agents.output_guardrail
    async def honest(context: Any, agent: Any, said: Any) -> Any:
        return guarded(output_info="canary7f3a", tripwire_triggered=False)

    other = agents.Agent(name="other", model=model())
    helper = agents.Agent(
        name="helper", model=model(), tools=[lookup], handoffs=[other],
        input_guardrails=[polite], output_guardrails=[honest],
    )  # fmt: skip

    async def run(ask: str) -> str:
        return (await agents.Runner.run(helper, ask)).final_output

    async def stream(ask: str) -> Any:
        running = agents.Runner.run_streamed(helper, ask)
        return (event.type async for event in running.stream_events() if event.type == "raw_response_event")

    return SimpleNamespace(run=run, stream=stream)


AGENT = """
invoke_agent helper
  guardrail polite
  chat gpt-4o-mini
  execute_tool lookup
    guardrail careful
  chat gpt-4o-mini
  guardrail honest
"""
HANDED_OVER = """
invoke_agent helper
  guardrail polite
  chat gpt-4o-mini
  invoke_agent other
    chat gpt-4o-mini
"""
ASYNC = (True,)
USES = {
    "agent": Use(lambda c, ask: c.run(ask), tree=AGENT, ask=CALLS_TOOL, sides=ASYNC),
    "handed over": Use(lambda c, ask: c.run(ask), tree=HANDED_OVER, ask="[[tool=transfer_to_other]]", sides=ASYNC),
    "stream": Use(lambda c, ask: c.stream(ask), streams=True, tree=AGENT, ask=CALLS_TOOL, sides=ASYNC),
}


class TestOpenAIAgents(Contract):
    framework = Framework(
        ("openai_agents", "openai"),
        ("agents.tracing.spans", "agents.guardrail", "agents.tool_guardrails"),
        build,
        USES,
        stand_ins=frozenset(f"clients.openai_agents:{name}" for name in ("_started", "_finished", "_failed")),
    )


def ran(app: App, recorded: Recording, ask: str) -> Recording:
    client = TestOpenAIAgents.framework.client(app, True)
    app.provider.reset()
    try:
        app.loop.run(client.run(ask))
    except Exception as error:
        recorded.raised = type(error).__name__  # type: ignore[attr-defined]
    return recorded


def checks(recorded: Recording) -> list[tuple[Any, ...]]:
    return [(one.guardrail, one.target, one.outcome, one.reason) for one in recorded.guardrails]


def test_a_tripped_guardrail_is_a_block(app: App, recorded: Recording) -> None:
    ran(app, recorded, "[rude]")
    assert checks(recorded) == [("polite", "input", "block", "tripwire")]
    assert recorded[-1].error_type == "InputGuardrailTripwireTriggered"
    assert recorded.calls == []


def test_a_guardrail_that_fails_is_an_error(app: App, recorded: Recording) -> None:
    ran(app, recorded, "[broken]")
    assert checks(recorded) == [("polite", "input", "error", "ValueError")]


def test_a_guardrail_around_a_tool(app: App, recorded: Recording) -> None:
    ran(app, recorded, """[[tool=lookup args='{"sku": "refused"}']]""")
    assert ("careful", "tool", "block", "rejected") in checks(recorded)


def test_a_tool_that_fails_is_told_though_the_model_gets_an_answer(app: App, recorded: Recording) -> None:
    ran(app, recorded, """[[tool=lookup args='{"sku": "broken"}']]""")
    (tool,) = [one for one in recorded if one.operation == "execute_tool"]
    assert tool.error_type == "tool_error"
    assert recorded[-1].error_type is None


def test_a_hand_over_says_to_whom(app: App, recorded: Recording) -> None:
    ran(app, recorded, "[[tool=transfer_to_other]]")
    assert [one.handed_to for one in recorded if one.operation == "invoke_agent"] == ["other", None]


@pytest.mark.parametrize("how", ["processors replaced", "tracing on", "disabled for the run"])
def test_told_whatever_the_app_does_with_tracing(app: App, recorded: Recording, how: str) -> None:
    """Our records are the same, and the app's processors see what they would: no processor of ours is among them."""
    import agents

    heard: list[str] = []

    class Processor(agents.TracingProcessor):
        def on_trace_start(self, trace: Any) -> None: ...
        def on_trace_end(self, trace: Any) -> None: ...
        def on_span_start(self, span: Any) -> None: ...
        def on_span_end(self, span: Any) -> None:
            heard.append(type(span.span_data).__name__)

        def shutdown(self) -> None: ...
        def force_flush(self) -> None: ...

    agents.set_trace_processors([Processor()])
    if how != "disabled for the run":
        agents.set_tracing_disabled(False)
    try:
        ran(app, recorded, CALLS_TOOL)
    finally:
        agents.set_tracing_disabled(True)
    assert tree(recorded) == AGENT.strip()
    assert ("FunctionSpanData" in heard) == (how != "disabled for the run")
