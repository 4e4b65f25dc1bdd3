"""Bedrock's InvokeModel: a model's own format as bytes, which are the app's to read; the counts come in headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import converse
from tellmetry.wire.shape import count, fields, length, text

OPERATION = "chat"
UNREAD = True  # the app reads the body, and we what stands around it
_METRICS = "amazon-bedrock-invocationMetrics"
_SAID = ("delta", "generation", "outputText", "completion", "contentBlockDelta")
_HEADER = "x-amzn-bedrock-"


def operation(model: str) -> str:
    """Tell from a model's name what it does: InvokeModel serves every kind."""
    for word, meant in (("rerank", "rerank"), ("embed", "embeddings"), ("image", "image_generation")):
        if word in model:
            return meant
    return "image_generation" if model.startswith("stability.") or "canvas" in model else OPERATION


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("modelId"))
    call.operation = operation(call.model or "")
    call.guardrail_id = text(body.get("guardrailIdentifier"))
    call.service_tier = text(body.get("serviceTier"))


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent, of text in whatever shape the model takes."""
    sent = body.get("body")
    told = json.loads(sent) if isinstance(sent, (str, bytes)) else {}
    return sum(length(told.get(key)) for key in ("system", "messages", "prompt", "inputText"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read the headers of a whole answer."""
    told = fields(reply)
    converse.identity(call, told)
    headers = fields(fields(told.get("ResponseMetadata")).get("HTTPHeaders"))
    _usage(
        call,
        *(headers.get(_HEADER + name) for name in ("input-token-count", "output-token-count")),
        *(headers.get(f"{_HEADER}cache-{name}-input-token-count") for name in ("read", "write")),
    )


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event: a piece in the model's own format; the last one has the counts beside it."""
    told = fields(json.loads(fields(fields(event).get("chunk")).get("bytes") or b"{}"))
    call.output_chars += sum(length(told[key]) for key in _SAID if told.get(key))
    metrics = fields(told.get(_METRICS))
    if metrics:
        _usage(
            call, metrics.get("inputTokenCount"), metrics.get("outputTokenCount"),
            metrics.get("cacheReadInputTokenCount"), metrics.get("cacheWriteInputTokenCount"),
        )  # fmt: skip


def _usage(call: ModelCall, fresh: Any, output: Any, read: Any, written: Any) -> None:
    """Set the counts; cached tokens stand outside the input here."""
    numbers = [count(int(value)) if value is not None else None for value in (fresh, output, read, written)]
    if numbers[0] is not None:
        call.input_tokens = numbers[0] + (numbers[2] or 0) + (numbers[3] or 0)
    call.output_tokens = numbers[1]
    call.cache_read_tokens, call.cache_write_tokens = numbers[2], numbers[3]
