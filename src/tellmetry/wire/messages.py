"""Anthropic's messages format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.chat_completions import failed, refused
from tellmetry.wire.shape import all_fields, count, fields, fingerprint, items, length, number, text

OPERATION = "chat"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    if body.get("stream"):
        call.stream = True
    call.max_tokens = count(body.get("max_tokens"))
    call.temperature = number(body.get("temperature"))
    call.top_p = number(body.get("top_p"))
    call.top_k = count(body.get("top_k"))
    call.reasoning_level = text(fields(body.get("output_config")).get("effort"))
    if call.prompt_version is None:
        call.prompt_version = fingerprint(body.get("system"), body.get("tools"))


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("system")) + length(body.get("messages"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    told = fields(reply)
    _identity(call, told)
    if told.get("usage") is not None:
        usage(call, told["usage"])
    tools = [text(fields(part).get("name")) for part in items(told.get("content")) if _is_tool(part)]
    if tools:
        call.tools = tuple(filter(None, tools))
    _stop(call, told.get("stop_reason"))


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event: the start holds the input, deltas hold text, the last delta the output tokens so far."""
    told = fields(event)
    kind = told.get("type")
    if kind == "content_block_delta":
        delta = fields(told.get("delta"))
        said = delta.get("text") or delta.get("partial_json") or delta.get("thinking")
        if said:
            call.output_chars += len(said)
    elif kind == "message_start":
        message = fields(told.get("message"))
        _identity(call, message)
        if message.get("usage") is not None:
            usage(call, message["usage"])
            call.output_tokens = None  # a first token is reported here; the count comes with the last delta
    elif kind == "message_delta":
        if told.get("usage") is not None:
            usage(call, told["usage"])
        _stop(call, fields(told.get("delta")).get("stop_reason"))
    elif kind == "content_block_start" and _is_tool(told.get("content_block")):
        name = text(fields(told["content_block"]).get("name"))
        call.tools = (*(call.tools or ()), *((name,) if name else ()))
    elif kind == "error":
        failed(call, told.get("error"))


def _is_tool(part: Any) -> bool:
    return fields(part).get("type") in ("tool_use", "server_tool_use", "mcp_tool_use")


def _identity(call: ModelCall, told: Mapping[str, Any]) -> None:
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))


def _stop(call: ModelCall, reason: Any) -> None:
    said = text(reason)
    if said is None:
        return
    call.finish_reasons = (said,)
    if said == "refusal":
        refused(call)


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block. Cached tokens stand outside the input here: they are added to it.

    A stream's last delta may tell the input again, larger by what the server's own tools have found.
    """
    told = all_fields(usage)
    fresh = count(told.get("input_tokens"))
    if fresh is not None:
        call.cache_read_tokens = _latest(call.cache_read_tokens, told.get("cache_read_input_tokens"))
        call.cache_write_tokens = _latest(call.cache_write_tokens, told.get("cache_creation_input_tokens"))
        call.input_tokens = fresh + (call.cache_read_tokens or 0) + (call.cache_write_tokens or 0)
    for_an_hour = count(all_fields(told.get("cache_creation")).get("ephemeral_1h_input_tokens"))
    call.cache_write_1h_tokens = for_an_hour or call.cache_write_1h_tokens
    call.service_tier = text(told.get("service_tier")) or call.service_tier
    _output(call, usage)


def _latest(known: int | None, told: Any) -> int | None:
    now = count(told)
    return known if now is None else now


def _output(call: ModelCall, usage: Any) -> None:
    told = all_fields(usage)
    output = count(told.get("output_tokens"))
    if output is not None:
        call.output_tokens = output
    details = all_fields(told.get("output_tokens_details"))
    call.reasoning_tokens = count(details.get("thinking_tokens")) if details else call.reasoning_tokens
    searched = count(all_fields(told.get("server_tool_use")).get("web_search_requests"))
    if searched:
        call.web_searches = searched
