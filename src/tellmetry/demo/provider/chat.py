"""OpenAI chat completions, plain and streamed; Azure's and every compatible server's path as well."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer, argument_pieces
from tellmetry.demo.provider.ask import Ask, BadRequestError, Conversation, read_conversation, read_count, read_model
from tellmetry.demo.provider.frames import DONE, Frame, around, data, dumps, filled
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import ScriptError
from tellmetry.demo.provider.usage import Usage

FINISH = {"tool": "tool_calls", "refusal": "stop", "filter": "content_filter"}
_HOLE = "\0"
_FILTERED = {"filtered": True, "severity": "medium"}
_PASSED = {"filtered": False, "severity": "safe"}


def read(body: dict[str, Any], request: Request) -> Ask:
    """Read a request body."""
    conversation = _conversation(body.get("messages"))
    stream = bool(body.get("stream"))
    return Ask(
        "chat",
        read_model(body),
        body,
        conversation.text,
        conversation.chars,
        conversation.rounds,
        stream,
        not stream or bool((body.get("stream_options") or {}).get("include_usage")),
        tools={t["function"]["name"]: t["function"].get("parameters") for t in _functions(body)},
        must_call=_must_call(body.get("tool_choice")),
        schema=_schema(body.get("response_format") or {}),
        n=read_count(body, "n") or 1,
        tier=body.get("service_tier"),
        azure="/openai/deployments/" in request.path,
    )


def _conversation(messages: Any) -> Conversation:
    conversation = read_conversation(messages)
    for message in messages:
        role = message.get("role")
        is_result = role in ("tool", "function")
        conversation.add(message.get("content"), user=role == "user", result=is_result)
    return conversation


def _functions(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [tool for tool in body.get("tools") or () if tool.get("type") == "function"]


def _must_call(choice: Any) -> str | None:
    if isinstance(choice, dict):
        name: str = choice.get("function", {}).get("name", "")
        return name
    return "" if choice == "required" else None


def _schema(format_: dict[str, Any]) -> Any:
    if format_.get("type") == "json_schema":
        schema = format_.get("json_schema", {}).get("schema")
        if schema is None:
            raise BadRequestError("missing required parameter: response_format.json_schema.schema")
        return schema
    return {} if format_.get("type") == "json_object" else None


def usage_json(usage: Usage) -> dict[str, Any]:
    """Report the usage as chat and legacy completions do."""
    if usage.write_1h or usage.web_searches:
        raise ScriptError("write_1h and web_searches are Anthropic's")
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached,
            "audio_tokens": usage.audio_in,
            **({"cache_write_tokens": usage.write_5m} if usage.write_5m else {}),
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": usage.audio_out,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _frame_of(ask: Ask, answer: Answer, kind: str) -> dict[str, Any]:
    if answer.finish == "failed":
        raise ScriptError("failed is for Responses")
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": answer.created,
        "model": answer.model,
        "choices": [],
        "service_tier": answer.tier,
        "system_fingerprint": "fp_loopback",
        **({"prompt_filter_results": [_filter_results(0)]} if ask.azure else {}),
    }


def _filter_results(index: int) -> dict[str, Any]:
    results = dict.fromkeys(("hate", "self_harm", "sexual", "violence"), _PASSED)
    return {"prompt_index": index, "content_filter_results": results}


def _verdict(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Give Azure's verdict on the answer, which other servers do not send."""
    if not ask.azure:
        return {}
    results: dict[str, Any] = dict.fromkeys(("hate", "self_harm", "sexual"), _PASSED)
    results["violence"] = _FILTERED if answer.finish == "filter" else _PASSED
    return {"content_filter_results": results}


def plain(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Write the whole reply."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
    if answer.finish == "refusal":
        message |= {"content": None, "refusal": answer.text}
    if answer.calls:
        message |= {"content": None, "tool_calls": [_call(c.id, c.name, c.arguments) for c in answer.calls]}
    message["annotations"] = []
    finish = FINISH.get(answer.finish, answer.finish)
    choice = {"message": message, "logprobs": None, "finish_reason": finish}
    reply = _frame_of(ask, answer, "chat.completion")
    reply["choices"] = [{"index": i} | choice | _verdict(ask, answer) for i in range(ask.n)]
    if answer.told:
        reply["usage"] = usage_json(answer.usage)
    return reply


def _call(id_: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_{id_}", "type": "function", "function": {"name": name, "arguments": arguments}}


def frames(ask: Ask, answer: Answer) -> list[Frame]:
    """Write the reply as chunks: the role, the content of every choice in turn, the finish, the usage."""
    chunk = _frame_of(ask, answer, "chat.completion.chunk")
    tells = ask.tells_usage and answer.told
    if tells:
        chunk["usage"] = None
    made = [data(chunk | {"choices": [_choice(i, _first_delta(answer))]}) for i in range(ask.n)]
    made += _content(ask, answer, chunk)
    finish = FINISH.get(answer.finish, answer.finish)
    ends = ({"choices": [_choice(i, {}, finish) | _verdict(ask, answer)]} for i in range(ask.n))
    made += [data(chunk | end) for end in ends]
    if tells:
        made.append(data(chunk | {"choices": [], "usage": usage_json(answer.usage)}))
    return [*made, DONE]


def _choice(index: int, delta: Any, finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def _first_delta(answer: Answer) -> dict[str, Any]:
    if answer.finish == "refusal" or answer.calls:
        return {"role": "assistant", "content": None}
    return {"role": "assistant", "content": "", "refusal": None}


def _content(ask: Ask, answer: Answer, chunk: dict[str, Any]) -> list[Frame]:
    deltas = _call_deltas(answer) if answer.calls else _text_deltas(answer)
    per_choice = [filled(around(chunk | {"choices": [_choice(index, _HOLE)]}, _HOLE), deltas) for index in range(ask.n)]
    return [frame for turn in zip(*per_choice, strict=True) for frame in turn]


def _text_deltas(answer: Answer) -> list[tuple[str, int]]:
    name = "refusal" if answer.finish == "refusal" else "content"
    return [(dumps({name: piece}), len(piece)) for piece in answer.pieces]


def _call_deltas(answer: Answer) -> list[tuple[str, int]]:
    deltas: list[tuple[str, int]] = []
    for index, call in enumerate(answer.calls):
        opening = {"index": index} | _call(call.id, call.name, "")
        deltas.append((dumps({"tool_calls": [opening]}), len(call.name)))
        deltas += [
            (dumps({"tool_calls": [{"index": index, "function": {"arguments": p}}]}), len(p))
            for p in argument_pieces(call)
        ]
    return deltas
