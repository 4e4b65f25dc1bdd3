"""What the provider inside the process is asked and answers."""

from __future__ import annotations

import json
from typing import Any

MODEL = "gpt-4o-mini-2024-07-18"
USAGE = {
    "prompt_tokens": 412,
    "completion_tokens": 99,
    "total_tokens": 511,
    "prompt_tokens_details": {"cached_tokens": 256},
    "completion_tokens_details": {"reasoning_tokens": 0},
}
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": MODEL,
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": USAGE,
}
VECTORS = {
    "object": "list",
    "model": "text-embedding-3-small",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.1] * 8}],
    "usage": {"prompt_tokens": 7, "total_tokens": 7},
}
HEADERS = {"content-type": "application/json", "x-ratelimit-remaining-requests": "9999"}
TOOL = {"type": "function", "function": {"name": "lookup", "parameters": {"type": "object", "properties": {}}}}
CHAT: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "temperature": 0.5,
    "tools": [TOOL],
    "messages": [
        {"role": "system", "content": "You are helpful."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "go"},
    ],
}
STREAM: dict[str, Any] = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
EMBED: dict[str, Any] = {"model": "text-embedding-3-small", "input": "hello", "encoding_format": "float"}


def _piece(**told: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [], **told}


def events(chunks: int) -> bytes:
    """Give a stream of so many chunks: the role, text, the reason it ends, usage."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": "word "} for _ in range(chunks - 3))]
    told = [_piece(choices=[{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    told += [_piece(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]), _piece(usage=USAGE)]
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in told) + b"data: [DONE]\n\n"
