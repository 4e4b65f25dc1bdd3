"""One vocabulary for all providers: which of their answers is which outcome, for which class of reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import pytest
from recording import Recording

from tellmetry import names

CANARY = "canary-2b7c"
ASK = [{"role": "user", "content": CANARY}]
USAGE = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}


class Canned:
    """A server that gives one answer to everything."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        canned = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(canned.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(canned.body)))
                self.end_headers()
                self.wfile.write(canned.body)

            def log_message(self, *args: Any) -> None: ...

        return Handler

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def canned() -> Iterator[Canned]:
    server = Canned()
    yield server
    server.close()


# -- how each is asked -------------------------------------------------------------------------------------------------
def azure(url: str) -> None:
    openai = pytest.importorskip("openai")
    client = openai.AzureOpenAI(api_key="k", azure_endpoint=url, api_version="2024-10-21", max_retries=0)
    client.chat.completions.create(model="gpt-4o", messages=ASK)


def inference(url: str) -> None:
    azure_inference = pytest.importorskip("azure.ai.inference")
    from azure.core.credentials import AzureKeyCredential

    made = azure_inference.ChatCompletionsClient(endpoint=url, credential=AzureKeyCredential("k"), retry_total=0)
    made.complete(model="Phi-4", messages=ASK)


def openai_chat(url: str) -> None:
    openai = pytest.importorskip("openai")
    openai.OpenAI(api_key="k", base_url=url, max_retries=0).chat.completions.create(model="gpt-4o", messages=ASK)


def openai_responses(url: str) -> None:
    openai = pytest.importorskip("openai")
    openai.OpenAI(api_key="k", base_url=url, max_retries=0).responses.create(model="gpt-4o", input=CANARY)


def openai_moderation(url: str) -> None:
    openai = pytest.importorskip("openai")
    openai.OpenAI(api_key="k", base_url=url, max_retries=0).moderations.create(input=CANARY)


def anthropic_messages(url: str) -> None:
    anthropic = pytest.importorskip("anthropic")
    client = anthropic.Anthropic(api_key="k", base_url=url, max_retries=0)
    client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=ASK)


def gemini(url: str) -> None:
    genai = pytest.importorskip("google.genai")
    client = genai.Client(api_key="k", http_options={"base_url": url})
    client.models.generate_content(model="gemini-2.5-flash", contents=CANARY)


def mistral_moderation(url: str) -> None:
    pytest.importorskip("mistralai")
    try:
        from mistralai.client import Mistral
    except ImportError:
        from mistralai import Mistral
    Mistral(api_key="k", server_url=url).classifiers.moderate(model="mistral-moderation-latest", inputs=[CANARY])


def _bedrock(url: str) -> Any:
    boto3 = pytest.importorskip("boto3")
    from botocore import UNSIGNED
    from botocore.config import Config

    once = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=url, config=once)


def converse(url: str) -> None:
    guard = {"guardrailIdentifier": "gr-1", "guardrailVersion": "1", "trace": "enabled"}
    told = [{"role": "user", "content": [{"text": CANARY}]}]
    _bedrock(url).converse(modelId="amazon.nova-lite-v1:0", messages=told, guardrailConfig=guard)


def apply_guardrail(url: str) -> None:
    asked = {"guardrailIdentifier": "gr-1", "guardrailVersion": "1", "source": "OUTPUT"}
    _bedrock(url).apply_guardrail(**asked, content=[{"text": {"text": CANARY}}])


# -- what each answers -------------------------------------------------------------------------------------------------
def chat(finish: str = "stop", choice: Any = None, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": CANARY, "refusal": None}
    told = {"index": 0, "finish_reason": finish, "message": message} | (choice or {})
    about = {"id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-4o", "usage": USAGE}
    return about | {"choices": [told]} | more


def verdict(**hit: Any) -> dict[str, Any]:
    results: dict[str, Any] = dict.fromkeys(("hate", "self_harm", "sexual"), {"filtered": False, "severity": "safe"})
    return {**results, **hit}


HIT = {"filtered": True, "severity": "high"}
REFUSED = {
    "error": {
        "message": CANARY, "type": None, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": verdict(violence=HIT)},
    }
}  # fmt: skip
JAILBREAK = {"prompt_index": 0, "content_filter_results": verdict(jailbreak={"filtered": False, "detected": True})}


def responded(**more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4}
    about = {"id": "r1", "object": "response", "created_at": 1, "model": "gpt-4o", "status": "completed", "usage": usage}
    return about | {"output": [], "parallel_tool_calls": True, "tool_choice": "auto", "tools": []} | more


def message(stop: str) -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": 1}
    about = {"id": "m1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "usage": usage}
    return about | {"content": [], "stop_reason": stop, "stop_sequence": None}


def generated(**candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"index": 0, **candidate}], "usageMetadata": {"promptTokenCount": 3}}


def moderated(**hit: bool) -> dict[str, Any]:
    return {"id": "m1", "model": "m", "results": [{"flagged": any(hit.values()), "categories": hit, "category_scores": {}}]}


def conversed(stop: str, **trace: Any) -> dict[str, Any]:
    told = {"output": {"message": {"role": "assistant", "content": [{"text": CANARY}]}}, "stopReason": stop}
    usage = {"inputTokens": 3, "outputTokens": 1, "totalTokens": 4}
    return told | {"usage": usage, "metrics": {"latencyMs": 1}, "trace": {"guardrail": trace}}


def assessed(action: str, **policy: Any) -> dict[str, Any]:
    return {"usage": {}, "action": action, "outputs": [{"text": CANARY}], "assessments": [policy]}


VIOLENT = {"contentPolicy": {"filters": [{"type": "VIOLENCE", "confidence": "HIGH", "action": "BLOCKED"}]}}
MASKED = {"sensitiveInformationPolicy": {"piiEntities": [{"type": "EMAIL", "match": CANARY, "action": "ANONYMIZED"}]}}
DETECTED = {"contentPolicy": {"filters": [{"type": "INSULTS", "confidence": "LOW", "action": "NONE", "detected": True}]}}
UNSAFE = [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": True}]


def _detects() -> bool:
    """Tell whether this botocore hands on what was only detected: an older one does not know the field."""
    try:
        from botocore.session import get_session
    except ImportError:
        return True
    model = get_session().get_service_model("bedrock-runtime")
    return "detected" in model.shape_for("GuardrailContentFilter").members


DETECTS = _detects()


class Told(NamedTuple):
    """What a check is told as."""

    guardrail: str
    outcome: names.Outcome
    reason: str | None
    target: str


SOURCES: dict[str, tuple[Callable[[str], None], Any, Told | None]] = {
    "azure openai: nothing": (azure, chat(), None),
    "azure openai: answer": (
        azure, chat("content_filter", {"content_filter_results": verdict(violence=HIT)}),
        Told("content_filter", "block", "violence", "output"),
    ),
    "azure openai: prompt": (azure, REFUSED, Told("content_filter", "block", "violence", "input")),
    "azure openai: detected": (
        azure, chat(prompt_filter_results=[JAILBREAK]), Told("content_filter", "flag", "jailbreak", "input"),
    ),
    "azure inference: answer": (
        inference, chat("content_filter", {"content_filter_results": verdict(hate=HIT)}),
        Told("content_filter", "block", "hate", "output"),
    ),
    "azure inference: prompt": (inference, REFUSED, Told("content_filter", "block", "violence", "input")),
    "openai: filter": (openai_chat, chat("content_filter"), Told("content_filter", "block", "content_filter", "output")),
    "openai: refusal": (
        openai_chat, chat(choice={"message": {"role": "assistant", "content": None, "refusal": CANARY}}),
        Told("refusal", "block", "refusal", "output"),
    ),
    "openai responses: refusal": (
        openai_responses,
        responded(output=[{
            "id": "m", "type": "message", "role": "assistant", "status": "completed",
            "content": [{"type": "refusal", "refusal": CANARY}],
        }]),
        Told("refusal", "block", "refusal", "output"),
    ),
    "openai responses: filter": (
        openai_responses, responded(status="incomplete", incomplete_details={"reason": "content_filter"}),
        Told("content_filter", "block", "content_filter", "output"),
    ),
    "openai moderation: clean": (openai_moderation, moderated(hate=False), Told("moderation", "pass", None, "input")),
    "openai moderation: hit": (
        openai_moderation, moderated(hate=False, violence=True), Told("moderation", "flag", "violence", "input"),
    ),
    "mistral moderation: clean": (
        mistral_moderation, moderated(sexual=False), Told("moderation", "pass", None, "input"),
    ),
    "mistral moderation: hit": (
        mistral_moderation, moderated(sexual=False, pii=True), Told("moderation", "flag", "pii", "input"),
    ),
    "anthropic: nothing": (anthropic_messages, message("end_turn"), None),
    "anthropic: refusal": (anthropic_messages, message("refusal"), Told("refusal", "block", "refusal", "output")),
    "gemini: nothing": (gemini, generated(finishReason="STOP"), None),
    "gemini: prompt": (
        gemini, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 3}},
        Told("safety", "block", "prohibited_content", "input"),
    ),
    "gemini: category": (
        gemini, generated(finishReason="SAFETY", safetyRatings=UNSAFE), Told("safety", "block", "harassment", "output"),
    ),
    "gemini: recitation": (
        gemini, generated(finishReason="RECITATION"), Told("safety", "block", "recitation", "output"),
    ),
    "bedrock converse: nothing": (converse, conversed("end_turn"), None),
    "bedrock converse: prompt": (
        converse, conversed("guardrail_intervened", inputAssessment={"gr-1": VIOLENT}),
        Told("gr-1", "block", "violence", "input"),
    ),
    "bedrock converse: answer": (
        converse, conversed("guardrail_intervened", outputAssessments={"gr-1": [VIOLENT]}),
        Told("gr-1", "block", "violence", "output"),
    ),
    "bedrock converse: masked": (
        converse, conversed("guardrail_intervened", outputAssessments={"gr-1": [MASKED]}),
        Told("gr-1", "modify", "email", "output"),
    ),
    "bedrock converse: untraced": (
        converse, conversed("guardrail_intervened"), Told("gr-1", "block", "guardrail", "output"),
    ),
    "bedrock converse: model's filter": (
        converse, conversed("content_filtered"), Told("content_filter", "block", "content_filtered", "output"),
    ),
    "bedrock: passed": (apply_guardrail, assessed("NONE"), Told("gr-1", "pass", None, "output")),
    "bedrock: detected": (
        apply_guardrail, assessed("NONE", **DETECTED),
        Told("gr-1", "flag", "insults", "output") if DETECTS else Told("gr-1", "pass", None, "output"),
    ),
    "bedrock: masked": (
        apply_guardrail, assessed("GUARDRAIL_INTERVENED", **MASKED), Told("gr-1", "modify", "email", "output"),
    ),
    "bedrock: blocked": (
        apply_guardrail, assessed("GUARDRAIL_INTERVENED", **VIOLENT), Told("gr-1", "block", "violence", "output"),
    ),
    "bedrock: out of reach": (
        apply_guardrail, {"error": CANARY, "status": 500}, Told("gr-1", "error", "ClientError", "output"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_outcome(source: str, canned: Canned, recorded: Recording) -> None:
    ask, answer, told = SOURCES[source]
    fault = answer.get("error")
    canned.status = 200 if fault is None else 400 if isinstance(fault, dict) else 500
    canned.body = json.dumps(answer).encode()
    with suppress(*_refusals(fault)):
        ask(canned.url)
    found = [Told(one.guardrail, one.outcome, one.reason, one.target) for one in recorded.guardrails]
    assert found == ([] if told is None else [told])
    for call in recorded.calls:
        assert (call.guardrail_outcome, call.guardrail_reason) == (told[1:3] if told is not None else (None, None))
    for record in recorded:
        assert CANARY not in repr(recorded.attributes(record))


def _refusals(fault: Any) -> tuple[type[BaseException], ...]:
    return (Exception,) if fault is not None else ()
