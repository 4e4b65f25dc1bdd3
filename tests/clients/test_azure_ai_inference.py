"""Azure's client for models of many makers keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("azure.ai.inference")

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, aio  # noqa: E402
from azure.core.credentials import AzureKeyCredential  # noqa: E402
from canaries import KEY, canary, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402


class Both:
    """The two clients of one endpoint."""

    def __init__(self, provider: Many, waits: bool, options: Options) -> None:
        how = {
            "endpoint": provider.at("telling"), "credential": AzureKeyCredential(KEY),
            "retry_total": options.retries, "retry_backoff_factor": 0.001, "read_timeout": options.timeout_s,
        }  # fmt: skip
        self.chat = (aio.ChatCompletionsClient if waits else ChatCompletionsClient)(**how)
        self.embeddings = (aio.EmbeddingsClient if waits else EmbeddingsClient)(**how)


def chat(ask: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ask}]
    return {"model": "Phi-4", "messages": messages, **more}


PRIVATE = (
    Mode(
        lambda c, ask: c.chat.complete(
            {"model": "Phi-4", "messages": conversation(ask), "tools": tools()}, headers={"x-tenant": canary("header")}
        )
    ),
)


class TestAzure(Contract):
    subject = Subject(
        ("azure.ai.inference._patch", "azure.ai.inference.aio._patch"),
        Both,
        {
            "chat": Mode(lambda c, ask: c.chat.complete(**chat(ask))),
            "chat stream": Mode(lambda c, ask: c.chat.complete(**chat(ask, stream=True)), streams=True),
            "chat stream inside": Mode(
                lambda c, ask: c.chat.complete(**chat(ask, stream=True)), inside=True, streams=True
            ),
            "embeddings": Mode(lambda c, ask: c.embeddings.embed(model="text-embedding-3-small", input=[ask])),
        },
        # It leaves a broken stream's connection open by itself, and waits half a minute before some retries.
        # It sends a refused request again only after a header of another name, and leaves out errors in streams.
        lacks=frozenset(
            ("closed async", "chat stream stalled", "chat stream cancelled", "chat stream inside given up", "retried",
             "chat stream error event noticed", "chat stream inside error event noticed")
        ),
        name="azure_ai_inference",
        private=PRIVATE,
        alike=("chat stream inside", "embeddings"),
    )
