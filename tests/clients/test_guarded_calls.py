"""Guardrails around and before real model calls: each call is told once, under its check; the worst outcome is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

openai = pytest.importorskip("openai")
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from guards import told_once  # noqa: E402
from recording import Recording  # noqa: E402

from tellmetry import workflow  # noqa: E402

ASK = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "How are you?"}]}


def client(app: Any) -> Any:
    return openai.OpenAI(api_key="test", base_url=f"{app.provider.url}/v1", max_retries=0)


@pytest.fixture(autouse=True)
def _empty_bill(app: Any) -> None:
    app.provider.reset()


class TestGuardrails:
    @pytest.fixture(scope="class")
    def guards(self) -> Any:
        guardrails = pytest.importorskip("guardrails")
        from guardrails.validator_base import Validator, register_validator
        from guardrails_ai.types import FailResult, PassResult

        @register_validator(name="tellmetry/judged", data_type="string")
        class Judged(Validator):
            """Asks a model."""

            asks: Any = None

            def validate(self, value: Any, metadata: dict[str, Any]) -> Any:
                if Judged.asks is not None:
                    Judged.asks.chat.completions.create(**ASK)
                return PassResult() if value == "fine" else FailResult(error_message=value, fix_value="fine")

        Judged.asks = None
        return guardrails, Judged

    @pytest.mark.parametrize("kind", ["Guard", "AsyncGuard"])
    def test_a_validator_that_asks_a_model(self, kind: str, guards: Any, app: Any, arm: Callable[[], Recording]) -> None:
        (library, judged), recorded = guards, arm()
        guard = getattr(library, kind)(name="judge").use(judged(on_fail="fix"))
        guard.configure(allow_metrics_collection=False)
        judged.asks = client(app)
        try:
            with workflow("judging"):
                result = guard.validate("bad")
                result = asyncio.run(result) if kind == "AsyncGuard" else result
        finally:
            judged.asks = None
        assert result.validated_output == "fine"
        told_once(recorded, app.provider, "modify", "judged")

    @pytest.mark.parametrize("through", ["litellm", "openai"])
    def test_around_a_call(self, through: str, guards: Any, app: Any, arm: Callable[[], Recording]) -> None:
        (library, judged), recorded = guards, arm()
        guard = library.Guard(name="around").use(judged(on_fail="noop"))
        guard.configure(allow_metrics_collection=False)
        with workflow("guarded"):
            if through == "openai":
                made = client(app)
                result = guard(lambda *args, **kwargs: made.chat.completions.create(**ASK).choices[0].message.content, **ASK)
            else:
                how = {"api_base": f"{app.provider.url}/v1", "api_key": "test"}
                result = guard(**{**ASK, "model": "openai/gpt-4o-mini"}, **how)
        assert result.raw_llm_output
        told_once(recorded, app.provider, "flag", "judged")


def test_the_worst_outcome_reaches_the_next_call(app: Any, arm: Callable[[], Recording]) -> None:
    analyzer = pytest.importorskip("presidio_analyzer")
    from presidio_analyzer.nlp_engine import NoOpNlpEngine
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    registry = analyzer.RecognizerRegistry(recognizers=[EmailRecognizer()])
    nothing = NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}])
    engine = analyzer.AnalyzerEngine(registry=registry, nlp_engine=nothing, supported_languages=["en"])
    recorded = arm()
    with workflow("checked"):
        engine.analyze("ann@example.com", "en")
        engine.analyze("nobody", "en")
        client(app).chat.completions.create(**ASK)
        client(app).chat.completions.create(**ASK)
    first, second = recorded.calls
    assert [check.outcome for check in recorded.guardrails] == ["flag", "pass"]
    assert (first.guardrail_outcome, first.guardrail_reason) == ("flag", "email_address")
    assert second.guardrail_outcome is None
    (run,) = recorded.runs
    assert (run.guardrail_outcome, run.guardrail_reason) == ("flag", "email_address")
