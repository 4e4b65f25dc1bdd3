"""What a request asks for, read once into one shape for every API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


class BadRequestError(ValueError):
    """A body that the real API would refuse as well."""


@dataclass(slots=True)
class Ask:
    """The common part of a chat, responses, messages, completions, embeddings or moderations request."""

    endpoint: str
    model: str
    body: dict[str, Any]
    text: str
    """The last words of the user: directives are read from here."""
    chars: int
    """Characters of the whole prompt, from which its tokens are counted."""
    rounds: int = 0
    """How many times tool results have come back since those words."""
    stream: bool = False
    tells_usage: bool = True
    tools: dict[str, Any] = field(default_factory=dict)
    """Name to JSON schema of the arguments."""
    must_call: str | None = None
    """The tool the request insists on; empty for any."""
    schema: Any = None
    """The JSON schema the answer has to follow."""
    n: int = 1
    tier: str | None = None
    azure: bool = False
    thinks: bool = False
    counts: Literal["all", "input", "nothing"] = "all"
    """What the API counts for this endpoint: a vector has no output tokens, a moderation none at all."""


def read_model(body: dict[str, Any], default: str | None = None) -> str:
    """Read the model's name, which no API does without."""
    model = body.get("model") or default
    if not isinstance(model, str):
        raise BadRequestError("you must provide a model parameter")
    return model


def read_count(body: dict[str, Any], name: str) -> int | None:
    """Read a number that has to be a whole one above zero, where it is given."""
    value = body.get(name)
    if value is not None and (not isinstance(value, int) or value < 1):
        raise BadRequestError(f"{name} must be a whole number above zero")
    return value


def text_of(content: Any) -> str:
    """Join the text in a message's content: a string, a list of parts, or results that nest either."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return text_of(content.get("text") or content.get("content") or content.get("output"))
    if isinstance(content, list):
        return "".join(map(text_of, content))
    return ""


@dataclass(slots=True)
class Conversation:
    """A prompt read turn by turn: its length, the user's last words, and the tool rounds after them."""

    chars: int = 0
    text: str = ""
    rounds: int = 0
    _answering: bool = False

    def add(self, content: Any, *, user: bool = False, result: bool = False) -> None:
        """Add a turn; results that stand together are one round."""
        text = text_of(content)
        self.chars += len(text)
        if user:
            self.text, self.rounds = text, 0
        if result and not self._answering:
            self.rounds += 1
        self._answering = result


def read_conversation(turns: Any, system: Any = None) -> Conversation:
    """Start a conversation with its system text, after checking that there are turns at all."""
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise BadRequestError("messages must be a list of objects")
    conversation = Conversation()
    conversation.add(system)
    return conversation
