"""OpenAI's chat completions format, which many providers speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import content_filter, costs, servers
from tellmetry.wire.shape import all_fields, count, fields, fingerprint, items, length, number, text

OPERATION = "chat"
_SYSTEM_ROLES = ("system", "developer")
_SENT = {  # body key → (record field, how it is read)
    "temperature": ("temperature", number),
    "top_p": ("top_p", number),
    "frequency_penalty": ("frequency_penalty", number),
    "presence_penalty": ("presence_penalty", number),
    "max_tokens": ("max_tokens", count),
    "max_completion_tokens": ("max_tokens", count),
    "seed": ("seed", count),
    "n": ("choices", count),
    "reasoning_effort": ("reasoning_level", text),
    "service_tier": ("request_tier", text),
}


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("model"))
    if body.get("stream"):
        call.stream = True
    for key in _SENT.keys() & body.keys():
        field, read = _SENT[key]
        setattr(call, field, read(body[key]))
    if call.choices == 1:
        call.choices = None
    if call.request_tier == "auto":
        call.request_tier = None
    if body.get("response_format") is not None:
        call.output_type = "json" if text(fields(body["response_format"]).get("type")) != "text" else "text"
    system = [fields(one).get("content") for one in items(body.get("messages")) if _is_system(one)]
    call.prompt_version = fingerprint(system, body.get("tools"))


def _is_system(message: Any) -> bool:
    return fields(message).get("role") in _SYSTEM_ROLES


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("messages"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    told = fields(reply)
    _identity(call, all_fields(reply))
    if told.get("usage") is not None:
        usage(call, told["usage"])
    reasons, tools = [], []
    for choice in items(told.get("choices")):
        inside = fields(choice)
        reasons.append(text(inside.get("finish_reason")) or "error")
        if reasons[-1] == content_filter.NAME:
            content_filter.stopped(call, all_fields(choice).get("content_filter_results"))
        message = fields(inside.get("message"))
        tools += [_tool(one) for one in items(message.get("tool_calls"))]
        if message.get("refusal"):
            refused(call)
    if reasons:
        call.finish_reasons = tuple(reasons)
    if tools:
        call.tools = tuple(filter(None, tools))


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one streamed chunk; most hold a few characters of text and nothing else, so those go first."""
    told = fields(chunk)
    if call.response_id is None:
        _identity(call, all_fields(chunk))
    if told.get("usage") is not None:
        usage(call, told["usage"])
    if told.get("error") is not None:
        failed(call, told["error"])
    for choice in told.get("choices") or ():
        inside = fields(choice)
        delta = fields(inside.get("delta"))
        content = delta.get("content")
        if content:
            call.output_chars += len(content)
        elif delta:
            _rare(call, all_fields(inside["delta"]))
        if inside.get("finish_reason") is not None:
            _finish(call, all_fields(choice))


def _rare(call: ModelCall, delta: Mapping[str, Any]) -> None:
    for one in items(delta.get("tool_calls")):
        function = fields(fields(one).get("function"))
        call.output_chars += len(function.get("arguments") or "")
        if function.get("name"):
            call.tools = (*(call.tools or ()), function["name"])
    call.output_chars += length(delta.get("reasoning_content") or delta.get("reasoning"))  # of DeepSeek, OpenRouter
    if delta.get("refusal"):
        call.output_chars += len(delta["refusal"])
        refused(call)


def _finish(call: ModelCall, choice: Mapping[str, Any]) -> None:
    reason = text(choice["finish_reason"]) or "error"
    known = list(call.finish_reasons or ())
    index = count(choice.get("index")) or 0
    known += ["error"] * (index + 1 - len(known))
    known[index] = reason
    call.finish_reasons = tuple(known)
    if reason == content_filter.NAME:
        content_filter.stopped(call, choice.get("content_filter_results"))


def _identity(call: ModelCall, told: Mapping[str, Any]) -> None:
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))
    call.response_tier = text(told.get("service_tier"))
    call.system_fingerprint = text(told.get("system_fingerprint"))
    if told.get("prompt_filter_results"):
        content_filter.prompts(call, told["prompt_filter_results"])
    if call.provider == "openai":
        call.provider = servers.server(all_fields(told)) or "openai"


def _tool(one: Any) -> str | None:
    inside = fields(one)
    return text(fields(inside.get("function")).get("name")) or text(fields(inside.get("custom")).get("name"))


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block: cached tokens are inside the prompt tokens, reasoning inside the completion tokens."""
    told = all_fields(usage)
    call.input_tokens = count(told.get("prompt_tokens"))
    call.output_tokens = count(told.get("completion_tokens"))
    into = all_fields(told.get("prompt_tokens_details"))
    out = all_fields(told.get("completion_tokens_details"))
    elsewhere = told.get("prompt_cache_hit_tokens", told.get("cached_tokens"))  # DeepSeek; Together, Moonshot
    call.cache_read_tokens = count(into.get("cached_tokens", elsewhere))
    call.cache_write_tokens = count(into.get("cache_write_tokens"))
    call.input_audio_tokens = count(into.get("audio_tokens")) or None
    call.input_image_tokens = count(into.get("image_tokens")) or None
    call.reasoning_tokens = count(out.get("reasoning_tokens"))
    call.output_audio_tokens = count(out.get("audio_tokens")) or None
    if call.reasoning_tokens:
        _add_outside_reasoning(call, count(told.get("total_tokens")))
    if call.provider in costs.TOLD:
        costs.take(call, told)


def _add_outside_reasoning(call: ModelCall, total: int | None) -> None:
    """Add reasoning where a provider counts it beside its completion tokens, as its total shows (xAI)."""
    counted = (call.input_tokens or 0) + (call.output_tokens or 0)
    if total == counted + (call.reasoning_tokens or 0):
        call.output_tokens = total - (call.input_tokens or 0)


def failed(call: ModelCall, error: Any) -> None:
    """Note an error that the provider told inside an answer."""
    told = fields(error)
    call.error_type = text(told.get("code")) or text(told.get("type")) or "error"


def refused(call: ModelCall) -> None:
    """Note that the model refused: a guardrail of the provider stepped in."""
    if not call.checks:
        call.checked("refusal", "block", "refusal")
