"""Groq's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

groq = pytest.importorskip("groq")

from breadth import Breadth, Client, Mode, many, pytest_generate_tests  # noqa: E402, F401


def build(provider: Any, waits: bool, options: Any) -> Any:
    kind = groq.AsyncGroq if waits else groq.Groq
    return kind(
        base_url=provider.at("groq"), api_key="gsk-test", timeout=options.timeout_s, max_retries=options.retries
    )


def chat(ask: str, **more: Any) -> dict[str, Any]:
    return {"model": "llama-3.3-70b-versatile", "messages": [{"role": "user", "content": ask}], **more}


class TestGroq(Breadth):
    client = Client(
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
        lacks=frozenset(("chat raw malformed",)),  # the app parses that body by itself, when the call is over
    )
