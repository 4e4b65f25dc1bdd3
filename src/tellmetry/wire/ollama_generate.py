"""Ollama's generate format: the chat format with a prompt for messages."""

from tellmetry.wire.ollama import chunk, input_chars, reply, request

__all__ = ("OPERATION", "chunk", "input_chars", "reply", "request")

OPERATION = "text_completion"
