"""Together's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

together = pytest.importorskip("together")

from canaries import KEY, canary, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402


def build(provider: Many, waits: bool, options: Options) -> Any:
    kind = together.AsyncTogether if waits else together.Together
    return kind(
        base_url=provider.at("telling"), api_key=KEY, timeout=together.Timeout(10, read=options.timeout_s), max_retries=options.retries
    )


def chat(ask: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": ask}]
    return {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", "messages": messages, **more}


PRIVATE = (
    Mode(
        lambda c, ask: c.chat.completions.create(
            model="openai/gpt-oss-20b", messages=conversation(ask), tools=tools(), extra_headers={"x-tenant": canary("header")}
        )
    ),
)


class TestTogether(Contract):
    subject = Subject(
        ("together._base_client",),
        build,
        {
            "chat": Mode(lambda c, ask: c.chat.completions.create(**chat(ask))),
            "chat stream": Mode(lambda c, ask: c.chat.completions.create(**chat(ask, stream=True)), streams=True),
            "embeddings": Mode(lambda c, ask: c.embeddings.create(model="BAAI/bge-base-en-v1.5", input=ask)),
            "rerank": Mode(
                lambda c, ask: c.rerank.create(model="Salesforce/Llama-Rank-V1", query=ask, documents=["a", "b"])
            ),
        },
        name="together",
        private=PRIVATE,
        alike=("embeddings", "rerank"),
    )
