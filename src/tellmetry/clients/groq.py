"""Groq's client."""

from __future__ import annotations

from tellmetry.clients import stainless
from tellmetry.clients.client import Client
from tellmetry.wire import embeddings, groq, speech, transcriptions

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
    ),
)
