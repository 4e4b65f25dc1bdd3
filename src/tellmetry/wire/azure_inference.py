"""Azure AI Inference: OpenAI's chat format inside model objects that keep it in a field of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import chat_completions
from tellmetry.wire.chat_completions import OPERATION

__all__ = ("OPERATION", "chunk", "input_chars", "plain", "reply", "request")

_TAKEN = ("messages", "tools", "response_format")


def plain(node: Any) -> Any:
    """Give a model object as the JSON that it holds."""
    node = getattr(node, "_data", node)
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(one) for one in node] if isinstance(node, list) else node


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    chat_completions.request(call, {**body, **{key: plain(body[key]) for key in _TAKEN if key in body}})


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return chat_completions.input_chars({"messages": plain(body.get("messages"))})


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    chat_completions.reply(call, plain(reply))


def chunk(call: ModelCall, chunk: Any) -> None:
    """Read one streamed chunk."""
    chat_completions.chunk(call, plain(chunk))
