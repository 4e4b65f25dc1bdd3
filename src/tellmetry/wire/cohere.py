"""Cohere's chat formats, the second and the first. Billed units are what the invoice counts; they are floats there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, fingerprint, items, length, number, text

OPERATION = "chat"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    call.max_tokens = count(body.get("max_tokens"))
    call.temperature = number(body.get("temperature"))
    call.top_p = number(body.get("p"))
    call.top_k = count(body.get("k"))
    call.frequency_penalty = number(body.get("frequency_penalty"))
    call.presence_penalty = number(body.get("presence_penalty"))
    call.seed = count(body.get("seed"))
    messages = map(fields, items(body.get("messages")))
    system = [one.get("content") for one in messages if one.get("role") == "system"]
    call.prompt_version = fingerprint(system or body.get("preamble"), _plain(body.get("tools")))


def _plain(tools: Any) -> Any:
    return tools if isinstance(tools, list) else None


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return sum(length(body.get(key)) for key in ("messages", "message", "preamble", "chat_history"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer of either version."""
    told = fields(reply)
    call.response_id = text(told.get("id")) or text(told.get("response_id")) or text(told.get("generation_id"))
    _finish(call, told)
    message = fields(told.get("message")) or told
    names = [text(fields(fields(one).get("function") or one).get("name")) for one in items(message.get("tool_calls"))]
    if names:
        call.tools = tuple(filter(None, names))


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event; most hold text."""
    told = fields(event)
    kind = told.get("type") or told.get("event_type")
    if kind == "content-delta":
        content = fields(fields(fields(told.get("delta")).get("message")).get("content"))
        call.output_chars += len(content.get("text") or content.get("thinking") or "")
    elif kind == "text-generation":
        call.output_chars += len(told.get("text") or "")
    elif kind == "message-start":
        call.response_id = text(told.get("id"))
    elif kind == "message-end":
        _finish(call, fields(told.get("delta")))
    elif kind == "stream-end":
        reply(call, told.get("response"))
    elif kind in ("tool-call-start", "tool-call-delta"):
        _tool(call, fields(fields(told.get("delta")).get("message")))


def _tool(call: ModelCall, message: Mapping[str, Any]) -> None:
    function = fields(fields(message.get("tool_calls")).get("function"))
    name = text(function.get("name"))
    call.output_chars += len(function.get("arguments") or "")
    if name:
        call.tools = (*(call.tools or ()), name)


def _finish(call: ModelCall, told: Mapping[str, Any]) -> None:
    reason = text(told.get("finish_reason"))
    if reason is not None:
        call.finish_reasons = (reason,)
        if reason == "ERROR_TOXIC":
            call.checked("safety", "block", "toxic", "output")
    used = told.get("usage") or told.get("meta")
    if used is not None:
        usage(call, fields(used))


def usage(call: ModelCall, told: Mapping[str, Any]) -> None:
    """Read the usage block, of chat, embed and rerank alike: what is billed where that is said, else what was used."""
    billed, used = fields(told.get("billed_units")), fields(told.get("tokens"))
    call.input_tokens = _first(count(billed.get("input_tokens")), count(used.get("input_tokens")))
    call.output_tokens = _first(count(billed.get("output_tokens")), count(used.get("output_tokens")))
    cached = count(told.get("cached_tokens"))
    call.cache_read_tokens = cached if cached is None else min(cached, call.input_tokens or 0)
    call.search_units = count(billed.get("search_units"))
    call.images = count(billed.get("images")) or None
    call.input_image_tokens = count(billed.get("image_tokens")) or None
    if call.input_image_tokens and call.input_tokens is None:
        call.input_tokens = call.input_image_tokens


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one
