"""OpenAI's pictures and sound: one call each, with what is billed, whatever the body is made of."""

from __future__ import annotations

import io
from typing import Any

from canaries import KEY
from contract import Contract
from driving import Mode
from providers import Many
from subject import Options, Subject


def build(provider: Many, waits: bool, options: Options) -> Any:
    import openai

    kind = openai.AsyncOpenAI if waits else openai.OpenAI
    url, timeout = provider.at("openai/v1"), openai.Timeout(10, read=options.timeout_s)
    return kind(base_url=url, api_key=KEY, timeout=timeout, max_retries=options.retries)


def sound() -> Any:
    return ("speech.wav", io.BytesIO(b"RIFF....WAVE"))


class TestMedia(Contract):
    subject = Subject(
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
        alike=("edit", "transcription"),
        lacks=frozenset(("speech malformed", "image stream cut", "image stream reset")),
    )
