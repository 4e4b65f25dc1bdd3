"""Bedrock's Converse and InvokeModel with their binary streams, guardrails, knowledge bases and rerank."""

from __future__ import annotations

import base64
import json
import struct
from binascii import crc32
from typing import Any
from urllib.parse import unquote

from tellmetry.demo.provider.answer import Answer, argument_pieces
from tellmetry.demo.provider.ask import Ask, text_of
from tellmetry.demo.provider.frames import Frame, dumps
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint

_FINISH = {
    "stop": "end_turn", "tool": "tool_use", "length": "max_tokens", "filter": "guardrail_intervened", "refusal": "end_turn",
}  # fmt: skip


def endpoint(path: str) -> Endpoint | None:
    """Find what a path asks for: its last word."""
    return {
        "converse": Endpoint("converse", _read, _plain),
        "converse-stream": Endpoint("converse", _read, _plain, _frames),
        "invoke": Endpoint("invoke", _read_invoke, _invoke),
        "invoke-with-response-stream": Endpoint("invoke", _read_invoke, _invoke, _invoke_frames),
        "apply": Endpoint("guardrail", _read_other, _apply),
        "retrieve": Endpoint("retrieve", _read_other, _retrieve),
        "retrieveAndGenerate": Endpoint("generate", _read_other, _generate),
        "rerank": Endpoint("rerank", _read_other, _rerank),
    }.get(path.rpartition("/")[2])


def message(kind: str, told: dict[str, Any], chars: int = 0, *, fault: bool = False) -> Frame:
    """Frame one event of a binary stream."""
    names = {":message-type": "exception", ":exception-type": kind} if fault else {":message-type": "event", ":event-type": kind}
    headers = b"".join(_header(name, value) for name, value in (names | {":content-type": "application/json"}).items())
    payload = dumps(told).encode()
    prelude = struct.pack("!II", len(headers) + len(payload) + 16, len(headers))
    start = prelude + struct.pack("!I", crc32(prelude)) + headers + payload
    return Frame(start + struct.pack("!I", crc32(start)), chars)


def _header(name: str, value: str) -> bytes:
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()


def _model(request: Request) -> str:
    return unquote(request.path).rpartition("/model/")[2].rpartition("/")[0]


def _read(body: dict[str, Any], request: Request) -> Ask:
    turns = [text_of(part) for turn in body["messages"] for part in turn["content"]]
    chars = sum(map(len, turns)) + sum(len(text_of(part)) for part in body.get("system") or ())
    return Ask("converse", _model(request), body, turns[-1], chars, stream=request.path.endswith("stream"))


def _usage(answer: Answer) -> dict[str, Any]:
    used = answer.usage
    told = {"inputTokens": used.uncached, "outputTokens": used.output, "totalTokens": used.input + used.output}
    if used.cached or used.write_5m:
        told |= {"cacheReadInputTokens": used.cached, "cacheWriteInputTokens": used.write_5m}
    return {"usage": told} if answer.told else {}


def _plain(_ask: Ask, answer: Answer) -> dict[str, Any]:
    content: list[Any] = [
        {"toolUse": {"toolUseId": c.id, "name": c.name, "input": json.loads(c.arguments)}} for c in answer.calls
    ] or [{"text": answer.text}]
    output = {"message": {"role": "assistant", "content": content}}
    return {"output": output, "stopReason": _FINISH[answer.finish], "metrics": {"latencyMs": 5}} | _usage(answer)


def _frames(_ask: Ask, answer: Answer) -> list[Frame]:
    made = [message("messageStart", {"role": "assistant", "p": "abcd"})]
    for index, call in enumerate(answer.calls):
        start = {"toolUse": {"toolUseId": call.id, "name": call.name}}
        made.append(message("contentBlockStart", {"contentBlockIndex": index, "start": start}, len(call.name)))
        for piece in argument_pieces(call):
            delta = {"contentBlockIndex": index, "delta": {"toolUse": {"input": piece}}}
            made.append(message("contentBlockDelta", delta, len(piece)))
    for piece in answer.pieces:
        made.append(message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}, "p": "abc"}, len(piece)))
    made.append(message("contentBlockStop", {"contentBlockIndex": 0}))
    made.append(message("messageStop", {"stopReason": _FINISH[answer.finish]}))
    return [*made, message("metadata", {"metrics": {"latencyMs": 5}} | _usage(answer))]


def _read_invoke(body: dict[str, Any], request: Request) -> Ask:
    turns = [text_of(turn["content"]) for turn in body["messages"]]
    return Ask("invoke", _model(request), body, turns[-1], sum(map(len, turns)), stream=request.path.endswith("stream"))


def _invoke(_ask: Ask, answer: Answer) -> dict[str, Any]:
    used = {"input_tokens": answer.usage.uncached, "output_tokens": answer.usage.output}
    return {"id": answer.id, "type": "message", "content": [{"type": "text", "text": answer.text}], "usage": used}


def _invoke_frames(_ask: Ask, answer: Answer) -> list[Frame]:
    made = [_chunk({"type": "content_block_delta", "delta": {"type": "text_delta", "text": piece}}, len(piece)) for piece in answer.pieces]
    metrics = {"inputTokenCount": answer.usage.input, "outputTokenCount": answer.usage.output, "invocationLatency": 5}
    last = {"type": "message_stop", **({"amazon-bedrock-invocationMetrics": metrics} if answer.told else {})}
    return [*made, _chunk(last)]


def _chunk(told: dict[str, Any], chars: int = 0) -> Frame:
    return message("chunk", {"bytes": base64.b64encode(dumps(told).encode()).decode(), "p": "abcdef"}, chars)


def _read_other(body: dict[str, Any], request: Request) -> Ask:
    """Read what calls no model, or one that is not named; the words stand wherever the operation has them."""
    text = text_of(body.get("retrievalQuery") or body.get("input") or [c["text"] for c in body.get("content") or ()])
    text = text or text_of([query["textQuery"] for query in body.get("queries") or ()])
    return Ask("other", "none", body, text, 0, counts="nothing")


def _apply(ask: Ask, answer: Answer) -> dict[str, Any]:
    pii = {"type": "EMAIL", "match": "someone@example.org", "action": "ANONYMIZED", "detected": True}
    harm = {"type": "VIOLENCE", "confidence": "HIGH", "filterStrength": "HIGH", "action": "BLOCKED", "detected": True}
    if "mask me" in ask.text:
        found = {"sensitiveInformationPolicy": {"piiEntities": [pii], "regexes": []}}
    elif "block me" in ask.text:
        found = {"contentPolicy": {"filters": [harm]}}
    else:
        return {"usage": _units(), "action": "NONE", "outputs": [], "assessments": [{}]}
    return {"usage": _units(), "action": "GUARDRAIL_INTERVENED", "outputs": [{"text": "{EMAIL}"}], "assessments": [found]}


def _units() -> dict[str, int]:
    names = ("topicPolicyUnits", "contentPolicyUnits", "wordPolicyUnits", "sensitiveInformationPolicyUnits")
    return dict.fromkeys((*names, "sensitiveInformationPolicyFreeUnits", "contextualGroundingPolicyUnits"), 1)


def _document(number: int) -> dict[str, Any]:
    location = {"type": "S3", "s3Location": {"uri": f"s3://kb/{number}.md"}}
    return {"content": {"text": "canary-document"}, "location": location}


def _retrieve(ask: Ask, _answer: Answer) -> dict[str, Any]:
    if "nothing" in ask.text:
        return {"retrievalResults": []}
    return {"retrievalResults": [_document(number) | {"score": 0.9 - number / 10} for number in range(3)]}


def _generate(_ask: Ask, answer: Answer) -> dict[str, Any]:
    citation = {"retrievedReferences": [_document(0), _document(1)]}
    return {"sessionId": answer.id, "output": {"text": answer.text}, "citations": [citation]}


def _rerank(ask: Ask, _answer: Answer) -> dict[str, Any]:
    return {"results": [{"index": index, "relevanceScore": 0.9} for index in range(len(ask.body["sources"]))]}
