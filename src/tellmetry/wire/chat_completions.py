"""OpenAI's chat completions format, which many providers speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import content_filter, servers
from tellmetry.wire.chat_usage import usage
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
    for key in body:
        if key in _SENT:
            field, read = _SENT[key]
            setattr(call, field, read(body[key]))
    if call.choices == 1:
        call.choices = None
    if call.request_tier == "auto":
        call.request_tier = None
    if body.get("response_format") is not None:
        call.output_type = "json" if text(fields(body["response_format"]).get("type")) != "text" else "text"
    if call.prompt_version is None:
        messages = map(fields, items(body.get("messages")))
        system = [one.get("content") for one in messages if one.get("role") in _SYSTEM_ROLES]
        call.prompt_version = fingerprint(system, body.get("tools"))


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
        if inside.get("finish_reason"):
            _finish(call, all_fields(choice))


def texts(call: ModelCall, chunks: list[Any]) -> int:
    """Read the first chunks as long as they hold text and nothing else, and give how many they were.

    Each field is read once, for a model's class is slow to look one up. Servers that count beside the text do so in
    every chunk, and the last count holds: it is looked for there alone.
    """
    if call.response_id is None:
        return 0
    said: list[int] = []  # characters of each
    try:
        for chunk in chunks[:-1] if chunks[-1].usage else chunks:
            (choice,) = chunk.choices
            inside = choice.__dict__
            size = len(inside["delta"].content)
            if size == 0 or inside["finish_reason"]:
                break
            said.append(size)
    except (AttributeError, KeyError, TypeError, ValueError):  # plain dictionaries, no text, or not one choice
        pass
    call.output_chars += sum(said)
    return len(said)


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


_RARELY_TOLD = (("service_tier", "response_tier"), ("system_fingerprint", "system_fingerprint"))


def _identity(call: ModelCall, told: Mapping[str, Any]) -> None:
    call.response_id = text(told.get("id"))
    call.response_model = text(told.get("model"))
    for key, field in _RARELY_TOLD:
        if told.get(key) is not None:
            setattr(call, field, text(told[key]))
    if told.get("prompt_filter_results"):
        content_filter.prompts(call, told["prompt_filter_results"])
    if call.provider == "openai":
        call.provider = servers.server(told) or "openai"


def _tool(one: Any) -> str | None:
    inside = fields(one)
    return text(fields(inside.get("function")).get("name")) or text(fields(inside.get("custom")).get("name"))


def failed(call: ModelCall, error: Any) -> None:
    """Note an error that the provider told inside an answer."""
    told = fields(error)
    call.error_type = text(told.get("code")) or text(told.get("type")) or "error"


def refused(call: ModelCall) -> None:
    """Note that the model refused: a guardrail of the provider stepped in."""
    if not call.checks:
        call.checked("refusal", "block", "refusal")
