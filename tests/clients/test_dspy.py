"""DSPy keeps the contract of frameworks, with the engine that it brings along and over LiteLLM; its settings are untouched."""

from __future__ import annotations

import os
import tempfile
from types import SimpleNamespace
from typing import Any

import pytest

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("DSPY_CACHEDIR", tempfile.mkdtemp())
dspy = pytest.importorskip("dspy")

from canaries import KEY  # noqa: E402
from driving import App  # noqa: E402
from frameworks import Contract, Framework, Use, pytest_generate_tests, tree  # noqa: E402, F401
from recording import Recording  # noqa: E402

NATIVE = hasattr(dspy, "lm15")  # since 3.2; before, and where it is asked for, LiteLLM calls the model
SAYS = '{"next_thought":"t","next_tool_name":"lookup","next_tool_args":{"sku":"canary7f3a"},"reasoning":"r","answer":"four"}'
ASK = f"[[say='{SAYS}']] How are you?"


def model(provider: Any, name: str = "openai/gpt-4o-mini", url: str = "", **more: Any) -> Any:
    return dspy.LM(name, api_key=KEY, api_base=url or provider.openai_url, cache=False, num_retries=0, **more)


def build_with(**more: Any) -> Any:
    def build(provider: Any, waits: bool) -> Any:
        def lookup(sku: str) -> str:
            """Look it up."""
            return "canary7f3a"

        class Answer(dspy.Signature):
            """Answer the question."""

            question: str = dspy.InputField()
            answer: str = dspy.OutputField()

        # What the app gets compares by identity and holds its own history; what it shows is its answer.
        def call(module: Any, ask: str) -> Any:
            with dspy.context(lm=model(provider, **more), adapter=dspy.JSONAdapter()):
                return module.acall(question=ask) if waits else module(question=ask).answer

        async def answered(module: Any, ask: str) -> Any:
            with dspy.context(lm=model(provider, **more), adapter=dspy.JSONAdapter()):
                return (await module.acall(question=ask)).answer

        return SimpleNamespace(
            call=answered if waits else call,
            predict=dspy.Predict("question -> answer"),
            named=dspy.ReAct(Answer, tools=[lookup], max_iters=1),
            agent=dspy.ReAct("question -> answer", tools=[lookup], max_iters=1),
        )

    return build


def agent_of(name: str) -> str:
    return f"invoke_agent {name}\n  chat gpt-4o-mini\n  execute_tool lookup\n  chat gpt-4o-mini"


USES = {
    "agent": Use(lambda c, ask: c.call(c.agent, ask), tree=agent_of("ReAct"), ask=ASK),
    "named agent": Use(lambda c, ask: c.call(c.named, ask), tree=agent_of("Answer"), ask=ASK),
    "prompt": Use(lambda c, ask: c.call(c.predict, ask), tree="chat gpt-4o-mini", ask=ASK),
}
MODULES = ("dspy.primitives", "dspy.adapters.types.tool", "dspy.retrievers.embeddings")


class TestDSPy(Contract):
    framework = Framework(
        ("dspy", "lm15" if NATIVE else "litellm"),
        (*MODULES, *(("dspy._vendor.lm15.transports._sync", "dspy._vendor.lm15.transports._async") if NATIVE else ("litellm",))),
        build_with(),
        USES,
        talks=("openai",),  # what LiteLLM calls
    )


def retrieved(recorded: Recording) -> list[tuple[Any, ...]]:
    return [(one.client, one.top_k, one.count) for one in recorded.retrievals]


def test_retrievers(recorded: Recording) -> None:
    """Counted; one that finds nothing is told, and one inside another is part of it."""
    from dspy.retrievers.embeddings import Embeddings

    class Found(dspy.Retrieve):
        def forward(self, query: str, k: int | None = None, **_: Any) -> Any:
            return dspy.Prediction(passages=["canary7f3a", "two"] if query == "some" else [])

    Found(k=5)("some")
    Found(k=5)("none", k=2)
    with dspy.context(rm=lambda query, k: [SimpleNamespace(long_text="canary7f3a")]):
        dspy.Retrieve(k=1)("x")
    np = pytest.importorskip("numpy")
    embedder = dspy.Embedder(lambda texts: np.ones((len(texts), 3)))
    Embeddings(corpus=["a", "b", "c"], embedder=embedder, k=2)("canary7f3a")
    assert retrieved(recorded) == [("dspy", 5, 2), ("dspy", 2, 0), ("dspy", 1, 1), ("dspy", 2, 2)]
    assert "canary" not in "".join(repr(recorded.attributes(one)) for one in recorded)


def test_settings_are_as_the_app_left_them(app: App, recorded: Recording) -> None:
    heard: list[str] = []

    class Mine(dspy.utils.callback.BaseCallback):
        def on_module_start(self, call_id: str, instance: Any, inputs: Any) -> None:
            heard.append(type(instance).__name__)

    mine = Mine()
    with dspy.context(callbacks=[mine]):
        app.provider.reset()
        client = build_with()(app.provider, False)
        client.call(client.agent, ASK)
        assert dspy.settings.callbacks == [mine]
    assert heard[0] == "ReAct"
    assert tree(recorded) == agent_of("ReAct")


def test_the_last_step_is_no_tool(app: App, recorded: Recording) -> None:
    app.provider.reset()
    client = build_with()(app.provider, False)
    says = SAYS.replace('"lookup"', '"finish"').replace('{"sku":"canary7f3a"}', "{}")
    client.call(client.agent, f"[[say='{says}']]")
    assert [one.operation for one in recorded] == ["chat", "chat", "invoke_agent"]


@pytest.mark.skipif(not NATIVE, reason="LiteLLM makes the call, which has its own tests")
class TestEngine:
    """The engine that DSPy brings along is a client of its own."""

    def _ask(self, app: App, says: str, **more: Any) -> Any:
        app.provider.reset()
        with dspy.context(lm=model(app.provider, **more), adapter=dspy.JSONAdapter()):
            return dspy.Predict("question -> answer")(question=f"{says} {ASK}").answer

    def test_anthropic(self, app: App, recorded: Recording) -> None:
        assert self._ask(app, "", name="anthropic/claude-sonnet-4-5", url=f"{app.provider.url}/v1") == "four"
        bill = app.provider.bill.total().complete
        call = recorded.call
        assert (call.input_tokens, call.output_tokens, call.provider) == (bill.usage.input, bill.usage.output, "anthropic")
        assert call.cost_usd == pytest.approx(float(bill.usd))

    def test_responses(self, app: App, recorded: Recording) -> None:
        assert self._ask(app, "", model_type="responses") == "four"
        bill = app.provider.bill.total().complete
        assert (recorded.call.input_tokens, recorded.call.output_tokens) == (bill.usage.input, bill.usage.output)

    def test_refused(self, app: App, recorded: Recording) -> None:
        with pytest.raises(Exception, match="."):
            self._ask(app, "[[status=429]]")
        assert {(one.error_type, one.http_status, one.rate_limited) for one in recorded.calls} == {("429", 429, 1)}
        assert len(recorded.calls) == app.provider.bill.total().received

    def test_streamed(self, app: App, recorded: Recording) -> None:
        async def stream() -> list[str]:
            listener = dspy.streaming.StreamListener(signature_field_name="answer")
            with dspy.context(lm=model(app.provider), adapter=dspy.JSONAdapter()):
                program = dspy.streamify(dspy.Predict("question -> answer"), stream_listeners=[listener])
                return [type(one).__name__ async for one in program(question=ASK)]

        app.provider.reset()
        assert app.loop.run(stream())[-1] == "Prediction"
        bill = app.provider.bill.total().complete
        call = recorded.call
        assert (call.input_tokens, call.output_tokens, call.ending) == (bill.usage.input, bill.usage.output, "completed")
