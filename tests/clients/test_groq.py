"""Groq's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

groq = pytest.importorskip("groq")

from canaries import KEY, canary, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402


def build(provider: Many, waits: bool, options: Options) -> Any:
    kind = groq.AsyncGroq if waits else groq.Groq
    return kind(
        base_url=provider.at("groq"), api_key=KEY, timeout=groq.Timeout(10, read=options.timeout_s), max_retries=options.retries
    )


def chat(ask: str, **more: Any) -> dict[str, Any]:
    return {"model": "llama-3.3-70b-versatile", "messages": [{"role": "user", "content": ask}], **more}


PRIVATE = (
    Mode(
        lambda c, ask: c.chat.completions.create(
            model="llama-3.3-70b-versatile", messages=conversation(ask), tools=tools(), user=canary("user"),
            extra_headers={"x-tenant": canary("header")},
        )
    ),
)  # fmt: skip


class TestGroq(Contract):
    subject = Subject(
        ("groq._base_client",),
        build,
        {
            "chat": Mode(lambda c, ask: c.chat.completions.create(**chat(ask))),
            "chat stream": Mode(lambda c, ask: c.chat.completions.create(**chat(ask, stream=True)), streams=True),
            "chat raw": Mode(
                lambda c, ask: c.chat.completions.with_raw_response.create(**chat(ask)), then=lambda r: r.parse()
            ),
            "embeddings": Mode(lambda c, ask: c.embeddings.create(model="nomic-embed-text-v1_5", input=ask)),
        },
        name="groq",
        private=PRIVATE,
        alike=("chat raw", "embeddings"),
        lacks=frozenset(("chat raw malformed",)),  # the app parses that body by itself, when the call is over
    )
