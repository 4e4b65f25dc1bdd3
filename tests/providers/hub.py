"""Text generation and feature extraction as Hugging Face's own servers speak them, at a URL for each."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.frames import Frame, data, dumps
from tellmetry.demo.provider.reply import Reply, plain_step
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint

_ERRORS = {400: "validation", 429: "overloaded"}
_FINISH = {"length": "length"}


def endpoint(path: str) -> Endpoint | None:
    """Find what a path asks for."""
    if path.endswith("generate"):
        return Endpoint("generate", _read, _plain, _frames)
    return Endpoint("embed", _read, lambda _ask, _answer: [[0.1, 0.2]]) if path.endswith("embed") else None


def error(reply: Reply) -> Reply:
    """Write what is an error as these servers do: a text, and its class."""
    status = reply.meter.status if reply.meter is not None else 0
    if status < HTTPStatus.BAD_REQUEST:
        return reply
    (step,) = reply.steps
    head, _, body = step.data.partition(b"content-length:")
    said = json.loads(body.partition(b"\r\n\r\n")[2])["error"]["message"]
    told = dumps({"error": said, "error_type": _ERRORS.get(status, "generation")})
    return reply._replace(steps=[plain_step(head, told.encode(), step.wait_s)])


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
