"""OpenAI's responses format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import content_filter
from tellmetry.wire.chat_completions import failed, refused
from tellmetry.wire.shape import all_fields, count, fields, fingerprint, items, length, number, text

OPERATION = "chat"
_TOOL_ITEMS = ("function_call", "custom_tool_call", "mcp_call")
_ENDS = ("response.completed", "response.incomplete", "response.failed")
_TEXTS = (  # the deltas that are billed as output; the commonest first
    "response.output_text.delta",
    "response.function_call_arguments.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_text.delta",
    "response.refusal.delta",
    "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta",
    "response.code_interpreter_call_code.delta",
)


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    call.api_type = "responses"
    if body.get("stream"):
        call.stream = True
    call.temperature = number(body.get("temperature"))
    call.top_p = number(body.get("top_p"))
    call.max_tokens = count(body.get("max_output_tokens"))
    call.reasoning_level = text(fields(body.get("reasoning")).get("effort"))
    call.previous_response_id = text(body.get("previous_response_id"))
    conversation = body.get("conversation")
    call.conversation_id = text(conversation) or text(fields(conversation).get("id"))
    tier = text(body.get("service_tier"))
    call.request_tier = None if tier == "auto" else tier
    kind = text(fields(fields(body.get("text")).get("format")).get("type"))
    if kind is not None:
        call.output_type = "text" if kind == "text" else "json"
    _prompt(call, body)


def _prompt(call: ModelCall, body: Mapping[str, Any]) -> None:
    stored = fields(body.get("prompt"))
    if stored.get("id"):
        call.prompt_name, call.prompt_version = text(stored["id"]), text(stored.get("version"))
        return
    if call.prompt_version is not None:
        return
    system = [body.get("instructions")] if body.get("instructions") else []
    system += [fields(one).get("content") for one in items(body.get("input")) if _is_system(one)]
    call.prompt_version = fingerprint(system, body.get("tools"))


def _is_system(item: Any) -> bool:
    return fields(item).get("role") in ("system", "developer")


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("instructions")) + length(body.get("input"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    told = fields(reply)
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))
    call.response_tier = text(told.get("service_tier"))
    call.response_status = text(told.get("status"))
    if call.response_status == "failed":
        failed(call, told.get("error"))
    if told.get("usage") is not None:
        usage(call, told["usage"])
    tools = []
    for item in items(told.get("output")):
        inside = fields(item)
        kind = inside.get("type")
        if kind in _TOOL_ITEMS:
            tools.append(text(inside.get("name")))
        elif kind == "web_search_call":
            call.web_searches = (call.web_searches or 0) + 1
        elif kind == "message" and any(fields(part).get("type") == "refusal" for part in items(inside.get("content"))):
            refused(call)
    if tools:
        call.tools = tuple(filter(None, tools))
    call.finish_reasons = (_reason(call, told, called_tools=bool(tools)),)


def _reason(call: ModelCall, told: Mapping[str, Any], *, called_tools: bool) -> str:
    """Give the finish reason in the words of the conventions, which the format has not."""
    cut = text(fields(told.get("incomplete_details")).get("reason"))
    if cut == "content_filter":
        content_filter.stopped(call)
        return cut
    if cut is not None:
        return "length" if cut == "max_output_tokens" else cut
    if call.response_status not in (None, "completed"):
        return "error" if call.response_status == "failed" else str(call.response_status)
    return "tool_calls" if called_tools else "stop"


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one event: the last one holds the whole answer, the first its identity, most hold text."""
    told = fields(chunk)
    kind = told.get("type")
    if kind in _TEXTS:
        call.output_chars += length(told.get("delta"))
    elif kind in _ENDS:
        reply(call, told.get("response"))
    elif kind == "response.created":
        created = fields(told.get("response"))
        call.response_id, call.response_model = text(created.get("id")), text(created.get("model"))
    elif kind == "error":
        failed(call, told.get("error") or {"code": told.get("code")})


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block: cached tokens are inside the input, reasoning inside the output."""
    told = all_fields(usage)
    into, out = all_fields(told.get("input_tokens_details")), all_fields(told.get("output_tokens_details"))
    call.input_tokens = count(told.get("input_tokens"))
    call.output_tokens = count(told.get("output_tokens"))
    call.cache_read_tokens = count(into.get("cached_tokens"))
    call.cache_write_tokens = count(into.get("cache_write_tokens"))
    call.reasoning_tokens = count(out.get("reasoning_tokens"))
