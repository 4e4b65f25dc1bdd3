"""Groq's client."""

from __future__ import annotations

from tellmetry.clients import stainless
from tellmetry.clients.client import Client
from tellmetry.clients.hosts import Host
from tellmetry.wire import embeddings, groq, speech, transcriptions


def _provider(kind: type, at: Host) -> str:
    return at.provider or "groq"


CLIENT = Client(
    name="groq",
    package="groq",
    tested=("0.37.1", "1.7.0"),
    places=stainless.places(
        "groq",
        "groq._base_client",
        {
            "/openai/v1/chat/completions": groq,
            "/openai/v1/embeddings": embeddings,
            "/openai/v1/audio/transcriptions": transcriptions,
            "/openai/v1/audio/translations": transcriptions,
            "/openai/v1/audio/speech": speech,
        },
        _provider,
    ),
)
