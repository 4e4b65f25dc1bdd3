"""Ollama's chat, generate and embed: lines of JSON, the last one done."""

from __future__ import annotations

import json
from typing import Any

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, read_conversation, read_model
from tellmetry.demo.provider.frames import Frame, dumps
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint

_CREATED = "2026-11-23T12:00:00Z"


def endpoint(path: str) -> Endpoint | None:
    """Find what a path asks for."""
    if path in ("api/chat", "api/generate"):
        return Endpoint("chat", _read, _plain, _frames)
    return Endpoint("embed", _read_embed, _embed) if path in ("api/embed", "api/embeddings") else None


def _read(body: dict[str, Any], _request: Request) -> Ask:
    turns = read_conversation(body.get("messages") or [], body.get("system"))
    for message in body.get("messages") or [{"role": "user", "content": body.get("prompt")}]:
        turns.add(message.get("content"), user=message["role"] == "user", result=message["role"] == "tool")
    return Ask("chat", read_model(body), body, turns.text, turns.chars, turns.rounds, bool(body.get("stream")))


def _line(ask: Ask, answer: Answer, text: str) -> dict[str, Any]:
    said = {"message": {"role": "assistant", "content": text}} if "messages" in ask.body else {"response": text}
    return {"model": answer.model, "created_at": _CREATED, **said, "done": False}


def _plain(ask: Ask, answer: Answer) -> dict[str, Any]:
    line = _line(ask, answer, answer.text)
    if answer.calls:
        calls = [{"function": {"name": c.name, "arguments": json.loads(c.arguments)}} for c in answer.calls]
        line["message"] = {"role": "assistant", "content": "", "tool_calls": calls}
    return line | _done(answer)


def _done(answer: Answer) -> dict[str, Any]:
    counts = {"prompt_eval_count": answer.usage.input, "eval_count": answer.usage.output} if answer.told else {}
    reason = "length" if answer.finish == "length" else "stop"
    return {"done": True, "done_reason": reason, "total_duration": 5_000_000, "load_duration": 1_000_000, **counts}


def _frames(ask: Ask, answer: Answer) -> list[Frame]:
    lines = [(_line(ask, answer, piece), len(piece)) for piece in answer.pieces]
    lines.append((_line(ask, answer, "") | _done(answer), 0))
    return [Frame(dumps(line).encode() + b"\n", chars) for line, chars in lines]


def _read_embed(body: dict[str, Any], _request: Request) -> Ask:
    given = body.get("input") or body.get("prompt")
    texts = [given] if isinstance(given, str) else given
    return Ask("embed", read_model(body), body, texts[0], sum(map(len, texts)), counts="input")


def _embed(_ask: Ask, answer: Answer) -> dict[str, Any]:
    return {"model": answer.model, "embeddings": [[0.1, 0.2]], "total_duration": 1, "prompt_eval_count": answer.usage.input}
