"""Together's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

together = pytest.importorskip("together")

from breadth import Breadth, Client, Mode, many, pytest_generate_tests  # noqa: E402, F401


def build(provider: Any, waits: bool, options: Any) -> Any:
    kind = together.AsyncTogether if waits else together.Together
    return kind(
        base_url=provider.at("telling"), api_key="test", timeout=options.timeout_s, max_retries=options.retries
    )


def chat(ask: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": ask}]
    return {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", "messages": messages, **more}


class TestTogether(Breadth):
    client = Client(
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
    )
