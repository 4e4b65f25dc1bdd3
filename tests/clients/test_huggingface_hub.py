"""Hugging Face's InferenceClient keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

hub = pytest.importorskip("huggingface_hub")

from canaries import KEY, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402


def build(provider: Many, waits: bool, options: Options) -> Any:
    kind = hub.AsyncInferenceClient if waits else hub.InferenceClient
    client = kind(base_url=provider.at("telling/v1"), api_key=KEY, timeout=options.timeout_s)
    client.own = provider.at("hub")  # whose servers know one model, so that their address stands for its name
    return client


def chat(ask: str, **more: Any) -> dict[str, Any]:
    return {"model": "meta-llama/Llama-3.3-70B-Instruct", "messages": [{"role": "user", "content": ask}], **more}


PRIVATE = (Mode(lambda c, ask: c.chat_completion(conversation(ask), model="openai/gpt-oss-20b", tools=tools())),)


class TestHub(Contract):
    subject = Subject(
        ("huggingface_hub.inference._client", "huggingface_hub.inference._generated._async_client"),
        build,
        {
            "chat": Mode(lambda c, ask: c.chat_completion(**chat(ask))),
            "chat as OpenAI's": Mode(lambda c, ask: c.chat.completions.create(**chat(ask))),
            "chat stream": Mode(lambda c, ask: c.chat_completion(**chat(ask, stream=True)), streams=True),
            "generate": Mode(
                lambda c, ask: c.text_generation(ask, model=f"{c.own}/generate", details=True), tells=False
            ),
            "generate stream": Mode(
                lambda c, ask: c.text_generation(ask, model=f"{c.own}/generate", details=True, stream=True),
                streams=True, tells=False,
            ),
            "features": Mode(lambda c, ask: c.feature_extraction(ask, model=f"{c.own}/embed"), tells=False),
        },
        lacks=frozenset(("retried", "given up", "status")),
        dropped="closed",
        crowd=("chat", "chat stream", "generate", "generate stream"),
        alike=("chat as OpenAI's", "generate", "generate stream", "features"),
        name="huggingface_hub",
        private=PRIVATE,
    )
