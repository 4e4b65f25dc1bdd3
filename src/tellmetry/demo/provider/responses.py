"""OpenAI Responses: how a request is read and a whole reply written."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer, Call
from tellmetry.demo.provider.ask import Ask, Conversation, read_conversation, read_model
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import ScriptError
from tellmetry.demo.provider.usage import Usage

DEFAULT_MODEL = "gpt-4o-mini"
_INCOMPLETE = {"length": "max_output_tokens", "filter": "content_filter"}


def read(body: dict[str, Any], _request: Request) -> Ask:
    """Read a request body; a stored prompt may stand for the model."""
    conversation = _conversation(body)
    format_ = (body.get("text") or {}).get("format") or {}
    return Ask(
        "responses",
        read_model(body, DEFAULT_MODEL if body.get("prompt") else None),
        body,
        conversation.text,
        conversation.chars,
        conversation.rounds,
        bool(body.get("stream")),
        tools={tool["name"]: tool.get("parameters") for tool in _functions(body)},
        must_call=_must_call(body.get("tool_choice")),
        schema=format_.get("schema") if format_.get("type") == "json_schema" else None,
        tier=body.get("service_tier"),
    )


def _conversation(body: dict[str, Any]) -> Conversation:
    asked = body.get("input") or []
    turns = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    conversation = read_conversation(turns, body.get("instructions"))
    for turn in turns:
        is_result = str(turn.get("type", "")).endswith("_call_output")
        content = turn.get("output") if is_result else turn.get("content")
        conversation.add(content, user=turn.get("role") == "user", result=is_result)
    return conversation


def _functions(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [tool for tool in body.get("tools") or () if tool.get("type") == "function"]


def _must_call(choice: Any) -> str | None:
    if isinstance(choice, dict):
        name: str = choice.get("name", "")
        return name
    return "" if choice == "required" else None


def usage_json(usage: Usage) -> dict[str, Any]:
    """Report the usage as Responses do; they know no audio parts."""
    if usage.write_1h or usage.web_searches or usage.audio_in or usage.audio_out:
        raise ScriptError("Responses report no audio tokens, hourly cache writes or searches")
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.write_5m,
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    }


def envelope(ask: Ask, answer: Answer, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    """Write what every reply and every lifecycle event carries."""
    body = ask.body
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "prompt": body.get("prompt"),
        "reasoning": {"effort": None, "summary": None} | (body.get("reasoning") or {}),
        "service_tier": answer.tier,
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p", 1.0),
        "truncation": body.get("truncation", "disabled"),
        "usage": None,
        "user": body.get("user"),
        "metadata": body.get("metadata") or {},
    }


def plain(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Write the whole reply."""
    usage = usage_json(answer.usage)
    return ended(ask, answer, [item for item, _ in items(answer)], usage)


def ended(ask: Ask, answer: Answer, output: list[dict[str, Any]], usage: dict[str, Any]) -> dict[str, Any]:
    """Write the reply as it stands at the end."""
    if answer.finish == "failed":
        reply = envelope(ask, answer, "failed", [])
        reply["error"] = {"code": "server_error", "message": "The model failed to answer."}
    elif reason := _INCOMPLETE.get(answer.finish):
        reply = envelope(ask, answer, "incomplete", output)
        reply["incomplete_details"] = {"reason": reason}
    else:
        reply = envelope(ask, answer, "completed", output)
    if answer.told:
        reply["usage"] = usage
    return reply


def items(answer: Answer) -> list[tuple[dict[str, Any], Call | None]]:
    """List the output: a reasoning item where there was reasoning, then the calls or the message."""
    made: list[tuple[dict[str, Any], Call | None]] = []
    if answer.usage.reasoning:
        made.append(({"id": f"rs_{answer.id}", "type": "reasoning", "summary": []}, None))
    if answer.calls:
        return made + [(call_item(c, "completed", c.arguments), c) for c in answer.calls]
    status = "incomplete" if answer.finish in _INCOMPLETE else "completed"
    return [*made, (message(answer, status, [part(answer, answer.text)]), None)]


def message(answer: Answer, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the message item."""
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def part(answer: Answer, text: str) -> dict[str, Any]:
    """Write the content part of the message."""
    if answer.finish == "refusal":
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def call_item(call: Call, status: str, arguments: str) -> dict[str, Any]:
    """Write a function call."""
    return {
        "id": f"fc_{call.id}",
        "type": "function_call",
        "status": status,
        "arguments": arguments,
        "call_id": f"call_{call.id}",
        "name": call.name,
    }
