"""OpenAI legacy completions, plain and streamed."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, read_count, read_model, text_of
from tellmetry.demo.provider.chat import FINISH, usage_json
from tellmetry.demo.provider.frames import DONE, Frame, around, data, dumps, filled
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import ScriptError

_HOLE = "\0"


def read(body: dict[str, Any], _request: Request) -> Ask:
    """Read a request body."""
    text = text_of(body.get("prompt"))
    stream = bool(body.get("stream"))
    return Ask(
        "completions",
        read_model(body),
        body,
        text,
        len(text),
        stream=stream,
        tells_usage=not stream or bool((body.get("stream_options") or {}).get("include_usage")),
        n=read_count(body, "n") or 1,
    )


def plain(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Write the whole reply."""
    reply = _envelope(answer)
    finish = FINISH.get(answer.finish, answer.finish)
    reply["choices"] = [_choice(index, answer.text, finish) for index in range(ask.n)]
    if answer.told:
        reply["usage"] = usage_json(answer.usage)
    return reply


def frames(ask: Ask, answer: Answer) -> list[Frame]:
    """Write the reply as chunks."""
    chunk = _envelope(answer)
    finish = FINISH.get(answer.finish, answer.finish)
    texts = [(dumps(piece), len(piece)) for piece in answer.pieces]
    per_choice = [
        filled(around(chunk | {"choices": [_choice(index, _HOLE, None)]}, _HOLE), texts) for index in range(ask.n)
    ]
    made = [frame for turn in zip(*per_choice, strict=True) for frame in turn]
    made += [data(chunk | {"choices": [_choice(i, "", finish)]}) for i in range(ask.n)]
    if ask.tells_usage and answer.told:
        made.append(data(chunk | {"usage": usage_json(answer.usage)}))
    return [*made, DONE]


def _envelope(answer: Answer) -> dict[str, Any]:
    if answer.calls or answer.finish in ("refusal", "failed"):
        raise ScriptError("legacy completions know no tools, refusals or failed status")
    return {
        "id": f"cmpl-{answer.id}",
        "object": "text_completion",
        "created": answer.created,
        "model": answer.model,
        "choices": [],
    }


def _choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"text": text, "index": index, "logprobs": None, "finish_reason": finish}
