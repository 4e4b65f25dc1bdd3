"""OpenAI's client, and every server that is reached with it through a base URL."""

from __future__ import annotations

from tellmetry.clients import stainless
from tellmetry.clients.client import Client
from tellmetry.wire import (
    chat_completions,
    completions,
    embeddings,
    images,
    moderations,
    responses,
    speech,
    transcriptions,
)  # fmt: skip


def _provider(client: type) -> str:
    kinds = {kind.__name__ for kind in client.__mro__}
    if "BaseAzureClient" in kinds:
        return "azure.ai.openai"
    return "aws.bedrock" if any("Bedrock" in kind for kind in kinds) else "openai"


CLIENT = Client(
    name="openai",
    package="openai",
    tested=("1.109.1", "2.54.0", "3.57.0"),
    places=stainless.places(
        "openai",
        "openai._base_client",
        {
            "/chat/completions": chat_completions,
            "/responses": responses,
            "/embeddings": embeddings,
            "/moderations": moderations,
            "/completions": completions,
            "/images/generations": images,
            "/images/edits": images,
            "/images/variations": images,
            "/audio/transcriptions": transcriptions,
            "/audio/translations": transcriptions,
            "/audio/speech": speech,
        },
        _provider,
    ),
)
