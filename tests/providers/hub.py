"""Text generation and feature extraction as Hugging Face's own servers speak them, at a URL for each."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.frames import Frame, data
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint

_FINISH = {"length": "length"}


def endpoint(path: str) -> Endpoint | None:
    """Find what a path asks for."""
    if path.endswith("generate"):
        return Endpoint("generate", _read, _plain, _frames)
    return Endpoint("embed", _read, lambda _ask, _answer: [[0.1, 0.2]]) if path.endswith("embed") else None


def _read(body: dict[str, Any], _request: Request) -> Ask:
    return Ask("generate", "none", body, body["inputs"], len(body["inputs"]), stream=bool(body.get("stream")))


def _details(answer: Answer) -> dict[str, Any]:
    reason = _FINISH.get(answer.finish, "eos_token")
    return {"finish_reason": reason, "generated_tokens": answer.usage.output, "prefill": [], "tokens": [], "seed": None}


def _plain(_ask: Ask, answer: Answer) -> Any:
    return [{"generated_text": answer.text, "details": _details(answer)}]


def _frames(_ask: Ask, answer: Answer) -> list[Frame]:
    last = len(answer.pieces) - 1
    return [
        data(
            {
                "index": index,
                "token": {"id": index, "text": piece, "logprob": -0.1, "special": False},
                "generated_text": answer.text if index == last else None,
                "details": _details(answer) if index == last else None,
            },
            len(piece),
        )
        for index, piece in enumerate(answer.pieces)
    ]
