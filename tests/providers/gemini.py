"""Google's generateContent and embedContent, as Gemini and Vertex serve them."""

from __future__ import annotations

import json
from typing import Any

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, text_of
from tellmetry.demo.provider.frames import Frame, data
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint

_FINISH = {"stop": "STOP", "tool": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY", "refusal": "STOP"}


def endpoint(path: str) -> Endpoint | None:
    """Find what a path asks for: the word behind the last colon."""
    verb = path.rpartition(":")[2]
    if verb in ("generateContent", "streamGenerateContent"):
        return Endpoint("generate", _read, _plain, _frames)
    if verb in ("embedContent", "batchEmbedContents", "predict"):
        return Endpoint("embed", _read_embed, _embed)
    return None


def _model(request: Request) -> str:
    return request.path.rpartition("models/")[2].partition(":")[0]


def _read(body: dict[str, Any], request: Request) -> Ask:
    turns = [text_of(part) for turn in body["contents"] for part in turn["parts"]]
    system = (body.get("systemInstruction") or {}).get("parts") or []
    chars = sum(map(len, turns)) + sum(len(text_of(part)) for part in system)
    stream = "streamGenerateContent" in request.path
    return Ask("generate", _model(request), body, turns[-1], chars, stream=stream)


def _plain(_ask: Ask, answer: Answer) -> dict[str, Any]:
    parts: list[Any] = [{"functionCall": {"name": c.name, "args": json.loads(c.arguments)}} for c in answer.calls]
    reply = _reply(answer, parts or [{"text": answer.text}])
    reply["candidates"][0]["finishReason"] = _FINISH[answer.finish]
    return reply | _usage(answer)


def _reply(answer: Answer, parts: list[Any]) -> dict[str, Any]:
    content = {"role": "model", "parts": parts}
    return {
        "candidates": [{"index": 0, "content": content}],
        "modelVersion": answer.model,
        "responseId": answer.id,
    }


def _usage(answer: Answer) -> dict[str, Any]:
    used = answer.usage
    told = {
        "promptTokenCount": used.input,
        "candidatesTokenCount": used.output - used.reasoning,
        "totalTokenCount": used.input + used.output,
        **({"thoughtsTokenCount": used.reasoning} if used.reasoning else {}),
        **({"cachedContentTokenCount": used.cached} if used.cached else {}),
    }
    return {"usageMetadata": told} if answer.told else {}


def _frames(_ask: Ask, answer: Answer) -> list[Frame]:
    made = [data(_reply(answer, [{"text": piece}]), len(piece)) for piece in answer.pieces]
    last = _reply(answer, [{"text": ""}]) | _usage(answer)
    last["candidates"][0]["finishReason"] = _FINISH[answer.finish]
    return [*made, data(last)]


def _read_embed(body: dict[str, Any], request: Request) -> Ask:
    given = body.get("requests") or body.get("instances") or [body]
    texts = [text_of((one.get("content") or {}).get("parts") if isinstance(one.get("content"), dict) else one) for one in given]
    return Ask("embed", _model(request), body, texts[0], sum(map(len, texts)), counts="input")


def _embed(ask: Ask, answer: Answer) -> dict[str, Any]:
    if "instances" in ask.body:
        each = {"embeddings": {"values": [0.1, 0.2], "statistics": {"token_count": answer.usage.input, "truncated": False}}}
        return {"predictions": [each], "metadata": {"billableCharacterCount": ask.chars}}
    vectors = [{"values": [0.1, 0.2]} for _ in ask.body.get("requests") or [0]]
    return {"embeddings": vectors, "usageMetadata": {"promptTokenCount": answer.usage.input}}
