"""OpenAI's formats as others speak them, and OpenAI's own for pictures and sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tellmetry.demo.provider import chat, embeddings
from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, read_model, text_of
from tellmetry.demo.provider.frames import Frame, data
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint, endpoint_of


def _telling(body: dict[str, Any], request: Request) -> Ask:
    ask = chat.read(body, request)
    ask.tells_usage = True
    return ask


def telling(path: str) -> Endpoint | None:
    """Serve the paths of those whose streams tell their usage unasked."""
    if path.endswith("chat/completions"):
        return Endpoint("chat", _telling, chat.plain, chat.frames)
    if path.endswith("rerank"):
        return Endpoint("rerank", _read_rerank, _rerank)
    if path.endswith("embeddings"):
        return Endpoint("embeddings", embeddings.read, _embeddings)
    return endpoint_of(path)


def _embeddings(ask: Ask, answer: Answer) -> dict[str, Any]:
    return {"id": answer.id} | embeddings.plain(ask, answer)


def _groq_frames(ask: Ask, answer: Answer) -> list[Frame]:
    made = chat.frames(replace(ask, tells_usage=False), answer)
    last = json.loads(made[-2].data.partition(b"data: ")[2])
    last["x_groq"] = {"id": f"req_{answer.id}", **({"usage": chat.usage_json(answer.usage)} if answer.told else {})}
    return [*made[:-2], data(last), made[-1]]


def groq(path: str) -> Endpoint | None:
    """Serve Groq's paths."""
    if path.endswith("chat/completions"):
        return Endpoint("chat", _telling, chat.plain, _groq_frames)
    return endpoint_of(path)


def _read_rerank(body: dict[str, Any], _request: Request) -> Ask:
    text = text_of(body["query"])
    chars = len(text) + sum(len(text_of(one)) for one in body["documents"])
    return Ask("rerank", read_model(body), body, text, chars, counts="input")


def _rerank(ask: Ask, answer: Answer) -> dict[str, Any]:
    results = [{"index": index, "relevance_score": 0.9} for index in range(len(ask.body["documents"]))]
    usage = {"prompt_tokens": answer.usage.input, "completion_tokens": 0, "total_tokens": answer.usage.input}
    return {"id": answer.id, "object": "rerank", "model": answer.model, "results": results, "usage": usage}


def _read_prompt(body: dict[str, Any], _request: Request) -> Ask:
    text = body.get("prompt") or body.get("input") or ""
    return Ask("media", read_model(body), body, text, len(text), stream=str(body.get("stream")).lower() == "true")


def _image(_ask: Ask, answer: Answer) -> dict[str, Any]:
    return {"created": answer.created, "data": [{"b64_json": "iVBORw0KGgo="}], "usage": _image_usage(answer)}


def _image_usage(answer: Answer) -> dict[str, Any]:
    used = answer.usage
    return {
        "input_tokens": used.input, "output_tokens": used.output, "total_tokens": used.input + used.output,
        "input_tokens_details": {"text_tokens": used.input, "image_tokens": 0},
    }  # fmt: skip


def _image_frames(_ask: Ask, answer: Answer) -> list[Frame]:
    previews = [
        data({"type": "image_generation.partial_image", "partial_image_index": index, "b64_json": "iVBORw0KGgo="}, 1)
        for index, _ in enumerate(answer.pieces)
    ]
    last = {"type": "image_generation.completed", "b64_json": "iVBORw0KGgo=", "usage": _image_usage(answer)}
    return [*previews, data(last)]


def _transcript(_ask: Ask, answer: Answer) -> dict[str, Any]:
    return {"text": answer.text, "usage": _spoken(answer)}


def _spoken(answer: Answer) -> dict[str, Any]:
    used = answer.usage
    return {
        "type": "tokens", "input_tokens": used.input, "output_tokens": used.output,
        "total_tokens": used.input + used.output,
        "input_token_details": {"text_tokens": used.input - used.audio_in, "audio_tokens": used.audio_in},
    }  # fmt: skip


def _transcript_frames(_ask: Ask, answer: Answer) -> list[Frame]:
    made = [data({"type": "transcript.text.delta", "delta": piece}, len(piece)) for piece in answer.pieces]
    return [*made, data({"type": "transcript.text.done", "text": answer.text, "usage": _spoken(answer)})]


def media(path: str) -> Endpoint | None:
    """Serve pictures and sound."""
    if path.endswith(("images/generations", "images/edits")):
        return Endpoint("media", _read_prompt, _image, _image_frames)
    if path.endswith(("audio/transcriptions", "audio/translations")):
        return Endpoint("media", _read_prompt, _transcript, _transcript_frames)
    if path.endswith("audio/speech"):
        return Endpoint("media", _read_prompt, lambda _ask, answer: {"not": "really sound"})
    return endpoint_of(path)


_MARKS: dict[str, dict[str, Any]] = {  # what servers of one's own write beside an answer, or in its first chunk
    "vllm": {"prompt_logprobs": None, "kv_transfer_params": None},
    "lm_studio": {"system_fingerprint": "qwen3"},
    "llama_cpp": {"timings": {"prompt_n": 1}},
}


def own(server: str) -> Callable[[str], Endpoint | None]:
    """Serve chat as a server of one's own does."""
    marks = _MARKS[server]

    def frames(ask: Ask, answer: Answer) -> list[Frame]:
        first, *rest = chat.frames(ask, answer)
        return [data(json.loads(first.data.partition(b"data: ")[2]) | marks), *rest]

    def plain(ask: Ask, answer: Answer) -> dict[str, Any]:
        return chat.plain(ask, answer) | marks

    return lambda _path: Endpoint("chat", _telling, plain, frames)


__all__ = ("groq", "media", "own", "telling")
