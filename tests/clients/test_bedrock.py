"""AWS Bedrock through botocore keeps the contract; guardrails, knowledge bases and rerank are told as what they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

boto3 = pytest.importorskip("boto3")

from botocore import UNSIGNED  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import EventStreamError  # noqa: E402
from canaries import KEY, canary  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402
from providers import bedrock as spoken  # noqa: E402
from recording import Recording  # noqa: E402

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


def client(provider: Any, service: str, options: Any = None) -> Any:
    made = boto3.client(
        service, region_name="us-east-1", endpoint_url=provider.at("bedrock"),
        config=Config(
            signature_version=UNSIGNED, read_timeout=options.timeout_s if options else 10,
            retries={"total_max_attempts": 1 + (options.retries if options else 0), "mode": "standard"},
        ),
    )  # fmt: skip
    made.meta.events.register("before-call.*", lambda params, **_: params["headers"].update({"x-api-key": KEY}))
    return made


def build(provider: Many, waits: bool, options: Options) -> Any:
    return client(provider, "bedrock-runtime", options)


def converse(ask: str) -> dict[str, Any]:
    return {
        "modelId": CLAUDE, "system": [{"text": "Be brief."}], "inferenceConfig": {"maxTokens": 100},
        "messages": [{"role": "user", "content": [{"text": ask}]}],
    }  # fmt: skip


def invoke(ask: str) -> dict[str, Any]:
    body = {"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": ask}]}
    return {"modelId": CLAUDE, "body": json.dumps(body)}


LACKS = ["invoke malformed", "converse malformed noticed"]  # the body is the app's to read, or read as nothing
if tuple(map(int, boto3.__version__.split(".")[:2])) < (1, 36):
    LACKS.append("retried")  # it goes by the codes of errors, and a 429 alone has none


PRIVATE = (
    Mode(
        lambda c, ask: c.converse(
            modelId=CLAUDE, system=[{"text": canary("system")}], requestMetadata={"ticket": "canary7f3a"},
            messages=[
                {"role": "user", "content": [{"text": canary("first")}]},
                {"role": "assistant", "content": [
                    {"toolUse": {"toolUseId": "t1", "name": "lookup", "input": {"sku": canary("arguments")}}}
                ]},
                {"role": "user", "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"text": canary("result")}]}}, {"text": ask},
                ]},
            ],
            toolConfig={"tools": [{"toolSpec": {
                "name": "lookup", "description": canary("tool description"), "inputSchema": {"json": {"type": "object"}},
            }}]},
        )
    ),
)  # fmt: skip


class TestBedrock(Contract):
    subject = Subject(
        ("botocore.client", "botocore.endpoint", "botocore.eventstream"),
        build,
        {
            "converse": Mode(lambda c, ask: c.converse(**converse(ask))),
            "converse stream": Mode(
                lambda c, ask: c.converse_stream(**converse(ask)), then=lambda r: r["stream"], streams=True
            ),
            "invoke": Mode(
                lambda c, ask: c.invoke_model(**invoke(ask)), then=lambda r: r["body"].read(), tells=False
            ),
            "invoke stream": Mode(
                lambda c, ask: c.invoke_model_with_response_stream(**invoke(ask)),
                then=lambda r: r["body"], streams=True,
            ),
        },
        sides=(False,),
        lacks=frozenset(LACKS),
        name="bedrock",
        private=PRIVATE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [("mask me", "modify", "email"), ("block me", "block", "violence"), ("all is well", "pass", None)],
)
def test_guardrail(text: str, outcome: str, reason: str | None, app: Any, arm: Callable[[], Recording]) -> None:
    recorded = arm()
    made = client(app.provider, "bedrock-runtime")
    asked = {"guardrailIdentifier": "gr-1", "guardrailVersion": "1", "source": "INPUT"}
    made.apply_guardrail(**asked, content=[{"text": {"text": text}}])
    (check,) = recorded.guardrails
    assert (check.guardrail, check.outcome, check.reason, check.target) == ("gr-1", outcome, reason, "input")
    assert recorded.calls == []
    assert "example.org" not in repr(recorded.attributes(check))  # what it matched


@pytest.mark.parametrize(("text", "count"), [("what is new", 3), ("nothing", 0)])
def test_retrieve(text: str, count: int, app: Any, arm: Callable[[], Recording]) -> None:
    recorded = arm()
    made = client(app.provider, "bedrock-agent-runtime")
    search = {"vectorSearchConfiguration": {"numberOfResults": 3}}
    made.retrieve(knowledgeBaseId="KB12345678", retrievalQuery={"text": text}, retrievalConfiguration=search)
    (found,) = recorded.retrievals
    assert (found.source, found.count, found.top_k) == ("KB12345678", count, 3)
    assert "canary" not in repr(recorded.attributes(found))  # what it found
    assert found.top_score == (0.9 if count else None)
    assert found.sources == (("s3://kb/0.md", "s3://kb/1.md", "s3://kb/2.md") if count else None)


def test_retrieve_and_generate(app: Any, arm: Callable[[], Recording]) -> None:
    recorded = arm()
    made = client(app.provider, "bedrock-agent-runtime")
    base = {"knowledgeBaseId": "KB12345678", "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/m"}
    made.retrieve_and_generate(
        input={"text": "what is new"},
        retrieveAndGenerateConfiguration={"type": "KNOWLEDGE_BASE", "knowledgeBaseConfiguration": base},
    )
    (found,) = recorded.retrievals
    assert (found.source, found.count, found.sources) == ("KB12345678", 2, ("s3://kb/0.md", "s3://kb/1.md"))


def test_rerank(app: Any, arm: Callable[[], Recording]) -> None:
    recorded = arm()
    made = client(app.provider, "bedrock-agent-runtime")
    document = {"type": "INLINE", "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": "a"}}}
    model = {"modelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0"}
    made.rerank(
        queries=[{"type": "TEXT", "textQuery": {"text": "q"}}], sources=[document] * 101,
        rerankingConfiguration={
            "type": "BEDROCK_RERANKING_MODEL",
            "bedrockRerankingConfiguration": {"numberOfResults": 1, "modelConfiguration": model},
        },
    )  # fmt: skip
    call = recorded.call
    assert (call.operation, call.model, call.search_units) == ("rerank", "amazon.rerank-v1:0", 2)


def test_an_exception_among_the_frames(app: Any, arm: Callable[[], Recording], monkeypatch: Any) -> None:
    fault = spoken.message("throttlingException", {"message": "slow down"}, fault=True)
    monkeypatch.setattr(spoken, "_chunk", lambda told, chars=0: fault)
    recorded = arm()
    made = client(app.provider, "bedrock-runtime")
    with pytest.raises(EventStreamError):
        list(made.invoke_model_with_response_stream(**invoke("How are you?"))["body"])
    assert (recorded.call.ending, recorded.call.error_type) == ("failed", "EventStreamError")


def test_other_services_are_left_alone(app: Any, arm: Callable[[], Recording]) -> None:
    recorded = arm()
    with pytest.raises(Exception, match="NoSuch|404|Not Found"):
        client(app.provider, "s3").list_buckets()
    assert recorded == []
