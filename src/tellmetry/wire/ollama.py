"""Ollama's chat and generate formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, fingerprint, items, length, number, text

OPERATION = "chat"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    if body.get("stream"):
        call.stream = True
    options = fields(body.get("options"))
    call.temperature = number(options.get("temperature"))
    call.top_p = number(options.get("top_p"))
    call.top_k = count(options.get("top_k"))
    call.max_tokens = count(options.get("num_predict"))
    call.seed = count(options.get("seed"))
    if body.get("format"):
        call.output_type = "json"
    messages = map(fields, items(body.get("messages")))
    system = [one.get("content") for one in messages if one.get("role") == "system"]
    tools = [one for one in items(body.get("tools")) if not callable(one)]
    call.prompt_version = fingerprint(system or body.get("system"), tools)


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("messages")) + length(body.get("prompt")) + length(body.get("system"))


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one line; the last one, or the only one, is done and has the counts."""
    told = fields(chunk)
    message = fields(told.get("message"))
    call.output_chars += len(message.get("content") or told.get("response") or "")
    for one in items(message.get("tool_calls")):
        name = text(fields(fields(one).get("function")).get("name"))
        call.tools = (*(call.tools or ()), *((name,) if name else ()))
    if told.get("done"):
        _finish(call, told)


reply = chunk


def _finish(call: ModelCall, told: Mapping[str, Any]) -> None:
    call.response_model = text(told.get("model"))
    reason = text(told.get("done_reason"))
    if reason is not None:
        call.finish_reasons = (reason,)
    call.input_tokens = count(told.get("prompt_eval_count"))
    call.output_tokens = count(told.get("eval_count"))
