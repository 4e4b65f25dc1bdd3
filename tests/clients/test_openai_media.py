"""OpenAI's pictures and sound: one call each, with what is billed, whatever the body is made of."""

from __future__ import annotations

import io
from typing import Any

from breadth import Breadth, Client, Mode, many, pytest_generate_tests  # noqa: F401


def build(provider: Any, waits: bool, options: Any) -> Any:
    import openai

    kind = openai.AsyncOpenAI if waits else openai.OpenAI
    url = provider.at("openai/v1")
    return kind(base_url=url, api_key="sk-test", timeout=options.timeout_s, max_retries=options.retries)


def sound() -> Any:
    return ("speech.wav", io.BytesIO(b"RIFF....WAVE"))


class TestMedia(Breadth):
    client = Client(
        ("openai._base_client",),
        build,
        {
            "image": Mode(lambda c, ask: c.images.generate(model="gpt-image-1", prompt=ask)),
            "image stream": Mode(
                lambda c, ask: c.images.generate(model="gpt-image-1", prompt=ask, stream=True, partial_images=2),
                streams=True,
            ),
            "edit": Mode(lambda c, ask: c.images.edit(model="gpt-image-1", prompt=ask, image=("cat.png", b"PNG"))),
            "transcription": Mode(
                lambda c, ask: c.audio.transcriptions.create(model="gpt-4o-transcribe", file=sound(), prompt=ask)
            ),
            "speech": Mode(
                lambda c, ask: c.audio.speech.create(model="tts-1", voice="alloy", input=ask), tells=False
            ),
        },
        name="openai",
        lacks=frozenset(("speech malformed", "image stream cut", "image stream reset")),
    )
