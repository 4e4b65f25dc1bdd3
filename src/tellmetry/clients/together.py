"""Together's client."""

from __future__ import annotations

from tellmetry.clients import stainless
from tellmetry.clients.client import Client
from tellmetry.wire import chat_completions, completions, embeddings, images, rerank, speech, transcriptions

CLIENT = Client(
    name="together",
    package="together",
    tested=("2.42.0", "3.1.1"),
    places=stainless.places(
        "together",
        "together._base_client",
        {
            path: wire
            for prefix in ("", "/v1")  # the prefix stood in the base URL up to 2.x
            for path, wire in {
                f"{prefix}/chat/completions": chat_completions,
                f"{prefix}/completions": completions,
                f"{prefix}/embeddings": embeddings,
                f"{prefix}/rerank": rerank,
                f"{prefix}/images/generations": images,
                f"{prefix}/audio/transcriptions": transcriptions,
                f"{prefix}/audio/translations": transcriptions,
                f"{prefix}/audio/speech": speech,
            }.items()
        },
    ),
)
