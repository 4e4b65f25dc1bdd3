"""Anthropic Messages, plain and streamed, and the free count of tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tellmetry.demo.provider.answer import Answer, Call, argument_pieces
from tellmetry.demo.provider.ask import Ask, BadRequestError, Conversation, read_conversation, read_model
from tellmetry.demo.provider.frames import Frame, event
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import ScriptError
from tellmetry.demo.provider.usage import Usage, tokens

STOP = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool": "tool_use",
    "refusal": "refusal",
    "filter": "refusal",
}
_SIGNATURE = "c2lnbmVkIGJ5IHRoZSBsb29wYmFjayBwcm92aWRlcg=="


def read(body: dict[str, Any], _request: Request) -> Ask:
    """Read a request body."""
    if not isinstance(body.get("max_tokens"), int):
        raise BadRequestError("max_tokens: Field required")
    ask = read_prompt(body, _request)
    ask.endpoint, ask.counts = "messages", "all"
    ask.stream = bool(body.get("stream"))
    ask.must_call = _must_call(body.get("tool_choice") or {})
    ask.schema = _schema(body)
    ask.tier = body.get("speed")
    ask.thinks = (body.get("thinking") or {}).get("type") in ("enabled", "adaptive")
    return ask


def read_prompt(body: dict[str, Any], _request: Request) -> Ask:
    """Read what messages and count_tokens have in common."""
    conversation = _conversation(body)
    tools = {tool.get("name"): tool.get("input_schema") for tool in body.get("tools") or ()}
    return Ask(
        "count_tokens",
        read_model(body),
        body,
        conversation.text,
        conversation.chars,
        conversation.rounds,
        tools=tools,
        counts="nothing",
    )


def _conversation(body: dict[str, Any]) -> Conversation:
    conversation = read_conversation(body.get("messages"), body.get("system"))
    for message in body["messages"]:
        parts = message.get("content")
        is_result = isinstance(parts, list) and any(part.get("type") == "tool_result" for part in parts)
        is_user = message.get("role") == "user" and not is_result
        conversation.add(parts, user=is_user, result=is_result)
    return conversation


def _must_call(choice: dict[str, Any]) -> str | None:
    if choice.get("type") == "tool":
        return str(choice["name"])
    return "" if choice.get("type") == "any" else None


def _schema(body: dict[str, Any]) -> Any:
    format_ = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    return format_.get("schema") if format_.get("type") == "json_schema" else None


def count(ask: Ask, _answer: Answer) -> dict[str, Any]:
    """Answer a count of tokens."""
    return {"input_tokens": tokens(ask.chars) or 1}


def usage_json(usage: Usage, tier: str) -> dict[str, Any]:
    """Report the usage: what touched the cache stands beside the input, not in it."""
    if usage.audio_in or usage.audio_out:
        raise ScriptError("Messages know no audio tokens")
    told = _running(usage, usage.output) | {
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.write_5m,
            "ephemeral_1h_input_tokens": usage.write_1h,
        },
        "service_tier": "standard",
        "inference_geo": "global",
    }
    return told | {"speed": tier} if tier == "fast" else told


def _running(usage: Usage, output: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "input_tokens": usage.uncached,
        "cache_creation_input_tokens": usage.write_5m + usage.write_1h,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": output,
    }
    if usage.reasoning:
        told["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    if usage.web_searches:
        told["server_tool_use"] = {"web_search_requests": usage.web_searches, "web_fetch_requests": 0}
    return told


def _stop(answer: Answer) -> dict[str, Any]:
    if answer.finish == "failed":
        raise ScriptError("failed is for Responses")
    stop: dict[str, Any] = {"stop_reason": STOP[answer.finish], "stop_sequence": None}
    if stop["stop_reason"] == "refusal":
        stop["stop_details"] = {"type": "refusal", "category": None, "explanation": None}
    return stop


def _message(answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def content(answer: Answer) -> list[dict[str, Any]]:
    """Write the blocks of the whole reply."""
    blocks: list[dict[str, Any]] = []
    if answer.thinking:
        blocks.append({"type": "thinking", "thinking": answer.thinking, "signature": _SIGNATURE})
    if answer.calls:
        return blocks + [_tool_use(call, json.loads(call.arguments)) for call in answer.calls]
    return [*blocks, {"type": "text", "text": answer.text}]


def plain(_ask: Ask, answer: Answer) -> dict[str, Any]:
    """Write the whole reply."""
    reply = _message(answer) | _stop(answer) | {"content": content(answer)}
    if answer.told:
        reply["usage"] = usage_json(answer.usage, answer.tier)
    return reply


def _tool_use(call: Call, given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{call.id}", "name": call.name, "input": given}


def frames(_ask: Ask, answer: Answer) -> list[Frame]:
    """Write the reply as events; usage comes at the start and, running, at the end."""
    start, delta = _message(answer), {"type": "message_delta", "delta": _stop(answer)}
    if answer.told:
        begun = replace(answer.usage, output=min(1, answer.usage.output), reasoning=0)
        start["usage"] = usage_json(begun, answer.tier)
        delta["usage"] = _running(answer.usage, answer.usage.output)
    made = [event({"type": "message_start", "message": start})]
    for index, (block, deltas) in enumerate(_blocks(answer)):
        made += _block(index, block, deltas)
    return [*made, event(delta), event({"type": "message_stop"})]


_Deltas = list[tuple[dict[str, Any], int]]


def _blocks(answer: Answer) -> list[tuple[dict[str, Any], _Deltas]]:
    blocks: list[tuple[dict[str, Any], _Deltas]] = []
    if answer.thinking:
        thought: _Deltas = [
            ({"type": "thinking_delta", "thinking": answer.thinking}, 0),
            ({"type": "signature_delta", "signature": _SIGNATURE}, 0),
        ]
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, thought))
    for call in answer.calls:
        pieces = argument_pieces(call)
        deltas = [({"type": "input_json_delta", "partial_json": p}, len(p)) for p in pieces]
        blocks.append((_tool_use(call, {}), deltas))
    if not answer.calls:
        text = [({"type": "text_delta", "text": p}, len(p)) for p in answer.pieces]
        blocks.append(({"type": "text", "text": ""}, text))
    return blocks


def _block(index: int, block: dict[str, Any], deltas: _Deltas) -> list[Frame]:
    opened = {"type": "content_block_start", "index": index, "content_block": block}
    made = [event(opened, len(block.get("name", "")))]
    if index == 0:
        made.append(event({"type": "ping"}))
    kind = {"type": "content_block_delta", "index": index}
    made += [event(kind | {"delta": delta}, chars) for delta, chars in deltas]
    return [*made, event({"type": "content_block_stop", "index": index})]
