"""LiteLLM. Its call is the one that is told: an SDK that it calls inside is silent, but its retries are heard."""

from __future__ import annotations

from typing import Any

from tellmetry.clients import listening, stepping
from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import arguments, method
from tellmetry.engine.call import Call
from tellmetry.engine.traced import settle
from tellmetry.wire import (
    chat_completions,
    completions,
    embeddings,
    images,
    moderations,
    rerank,
    responses,
    speech,
    transcriptions,
)  # fmt: skip
from tellmetry.wire.litellm import Translated, provider

_FUNCTIONS = (
    ("completion", chat_completions, ("model", "messages")),
    ("text_completion", completions, ("prompt", "model")),
    ("embedding", embeddings, ("model", "input")),
    ("responses", responses, ("input", "model")),
    ("rerank", rerank, ("model", "query", "documents")),
    ("moderation", moderations, ("input", "model")),
    ("image_generation", images, ("prompt", "model")),
    ("transcription", transcriptions, ("model", "file")),
    ("speech", speech, ("model", "input")),
)
_STREAMS = (
    ("litellm.litellm_core_utils.streaming_handler", "CustomStreamWrapper", ("__next__", "__anext__")),
    ("litellm.responses.streaming_iterator", "SyncResponsesAPIStreamingIterator", ("__next__",)),
    ("litellm.responses.streaming_iterator", "ResponsesAPIStreamingIterator", ("__anext__",)),
)
_CLOSES = ("close", "aclose")
_HTTP = "litellm.llms.custom_httpx.http_handler"


def _follow(call: Call, result: Any) -> Any:
    if type(result).__name__ in {kind for _, kind, _ in _STREAMS}:
        call.record.stream = True  # type: ignore[attr-defined]
        return stepping.follow(call, result)
    return settle(call, result)


def _failed(call: Any, error: BaseException) -> None:
    """Read the status of the answer that led to an error: LiteLLM's own errors have one even where nothing answered."""
    call.provider = call.provider or provider(getattr(error, "llm_provider", None))
    cause: BaseException | None = error if isinstance(error, Exception) else None  # a cancel answers nothing
    while cause is not None and call.http_status is None:
        if type(cause).__name__.endswith("HTTPStatusError"):
            listening.failed(call, cause)
        cause = cause.__cause__ or cause.__context__


CLIENT = Client(
    name="litellm",
    package="litellm",
    tested=("1.97.0", "1.110.2"),
    places=(
        *(
            method(
                "litellm", f"litellm:{prefix}{name}", Translated(wire),
                body=arguments(*positional), follow=_follow, on_error=_failed, attempts=0,
            )
            for name, wire, positional in _FUNCTIONS
            for prefix in ("", "a")
        ),
        *(
            place
            for module, kind, steps in _STREAMS
            for place in stepping.places(module, kind, steps, _CLOSES if kind == "CustomStreamWrapper" else ())
        ),
        Place(_HTTP, "HTTPHandler.post", listening.sent, "attempts"),
        Place(_HTTP, "AsyncHTTPHandler.post", listening.sent, "attempts"),
    ),
)  # fmt: skip
