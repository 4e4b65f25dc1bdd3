"""Cohere's second interface: chat, embed, rerank."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer, argument_pieces
from tellmetry.demo.provider.ask import Ask, read_conversation, read_model
from tellmetry.demo.provider.frames import Frame, event
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint

_FINISH = {"stop": "COMPLETE", "tool": "TOOL_CALL", "length": "MAX_TOKENS", "filter": "ERROR_TOXIC", "refusal": "COMPLETE"}


def endpoint(path: str) -> Endpoint | None:
    """Find what a path asks for."""
    if path.endswith("/chat"):
        return Endpoint("chat", _read, _plain, _frames)
    if path.endswith("/embed"):
        return Endpoint("embed", _read_embed, _embed)
    return Endpoint("rerank", _read_rerank, _rerank) if path.endswith("/rerank") else None


def _read(body: dict[str, Any], _request: Request) -> Ask:
    turns = read_conversation(body["messages"])
    for message in body["messages"]:
        turns.add(message.get("content"), user=message["role"] == "user", result=message["role"] == "tool")
    return Ask("chat", read_model(body), body, turns.text, turns.chars, turns.rounds, bool(body.get("stream")))


def _usage(answer: Answer) -> dict[str, Any]:
    used = answer.usage
    billed = {"input_tokens": float(used.input), "output_tokens": float(used.output)}
    told = {"billed_units": billed, "tokens": {"input_tokens": used.input + 60.0, "output_tokens": used.output + 2.0}}
    return {"usage": told | ({"cached_tokens": float(used.cached)} if used.cached else {})} if answer.told else {}


def _plain(_ask: Ask, answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": [{"type": "text", "text": answer.text}]}
    if answer.calls:
        message = {"role": "assistant", "tool_calls": [_call(c.id, c.name, c.arguments) for c in answer.calls]}
    return {"id": answer.id, "message": message, "finish_reason": _FINISH[answer.finish]} | _usage(answer)


def _call(id_: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def _frames(_ask: Ask, answer: Answer) -> list[Frame]:
    start = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    made = [event({"type": "message-start", "id": answer.id, "delta": {"message": start}})]
    for index, call in enumerate(answer.calls):
        opened = {"message": {"tool_calls": _call(call.id, call.name, "")}}
        made.append(event({"type": "tool-call-start", "index": index, "delta": opened}, len(call.name)))
        for piece in argument_pieces(call):
            delta = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
            made.append(event({"type": "tool-call-delta", "index": index, "delta": delta}, len(piece)))
        made.append(event({"type": "tool-call-end", "index": index}))
    for piece in answer.pieces:
        delta = {"message": {"content": {"text": piece}}}
        made.append(event({"type": "content-delta", "index": 0, "delta": delta}, len(piece)))
    end = {"finish_reason": _FINISH[answer.finish]} | _usage(answer)
    return [*made, event({"type": "message-end", "id": answer.id, "delta": end})]


def _read_embed(body: dict[str, Any], _request: Request) -> Ask:
    return Ask("embed", read_model(body), body, body["texts"][0], sum(map(len, body["texts"])), counts="input")


def _embed(ask: Ask, answer: Answer) -> dict[str, Any]:
    vectors = [[0.1, 0.2] for _ in ask.body["texts"]]
    meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": float(answer.usage.input)}}
    return {"id": answer.id, "response_type": "embeddings_by_type", "embeddings": {"float": vectors}, "texts": ask.body["texts"], "meta": meta}


def _read_rerank(body: dict[str, Any], _request: Request) -> Ask:
    return Ask("rerank", read_model(body), body, body["query"], 0, counts="nothing")


def _rerank(ask: Ask, answer: Answer) -> dict[str, Any]:
    results = [{"index": index, "relevance_score": 0.9} for index in range(len(ask.body["documents"]))]
    units = float(-(-len(ask.body["documents"]) // 100))
    return {"id": answer.id, "results": results, "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": units}}}
