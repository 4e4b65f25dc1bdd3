"""The endpoints that are served: found by the end of the path, so that any prefix will do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tellmetry.demo.provider import chat, completions, embeddings, messages, moderations, response_events, responses
from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.faults import Family
from tellmetry.demo.provider.frames import Frame
from tellmetry.demo.provider.request import Request


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How one endpoint reads a request and writes its replies."""

    name: str
    read: Callable[[dict[str, Any], Request], Ask]
    plain: Callable[[Ask, Answer], dict[str, Any]]
    frames: Callable[[Ask, Answer], list[Frame]] | None = None
    family: Family = "openai"


_ENDPOINTS = {
    "chat/completions": Endpoint("chat", chat.read, chat.plain, chat.frames),
    "completions": Endpoint("completions", completions.read, completions.plain, completions.frames),
    "responses": Endpoint("responses", responses.read, responses.plain, response_events.frames),
    "embeddings": Endpoint("embeddings", embeddings.read, embeddings.plain),
    "moderations": Endpoint("moderations", moderations.read, moderations.plain),
    "messages": Endpoint("messages", messages.read, messages.plain, messages.frames, "anthropic"),
    "messages/count_tokens": Endpoint("count_tokens", messages.read_prompt, messages.count, None, "anthropic"),
}


def endpoint_of(path: str) -> Endpoint | None:
    """Find who serves a path: its last two parts decide before the last one alone."""
    parts = path.strip("/").rsplit("/", 2)
    return _ENDPOINTS.get("/".join(parts[-2:])) or _ENDPOINTS.get(parts[-1])
