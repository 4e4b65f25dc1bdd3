"""The script language: `[[word word=value]]` in a prompt, a header or a rule tells the provider how to answer."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

HALFWAY = -1
NO_USAGE = "none"
_GROUP = re.compile(r"\[\[\s*([a-z](?:[^\]]|\](?!\]))*)\]\]")


class ScriptError(ValueError):
    """A directive that cannot be read, or asks for what no provider could do."""


def word(read: Callable[[str], Any], says: str, *, bare: Any = None) -> Any:
    """Declare a word: how its value is read, what it does, and what it means alone."""
    return field(default=None, metadata={"read": read, "says": says, "bare": bare})


def flag(says: str) -> Any:
    """Declare a word that takes no value."""
    return word(_no_value, says, bare=True)


def _no_value(value: str) -> bool:
    raise ScriptError(f"takes no value, got {value!r}")


def _object(value: str) -> dict[str, Any]:
    read = json.loads(value)
    if not isinstance(read, dict):
        raise ScriptError("wants a JSON object")
    return read


def _names(value: str) -> tuple[str, ...]:
    return tuple(value.split(","))


@dataclass(frozen=True, slots=True)
class Script:
    """Everything a directive can ask for; None means: as usual."""

    status: int | None = word(int, "answer with this HTTP status and the API's own error body")
    code: str | None = word(str, "the error's code, e.g. insufficient_quota")
    message: str | None = word(str, "the error's text")
    retry_after: float | None = word(float, "header retry-after, seconds")
    retry_after_ms: float | None = word(float, "header retry-after-ms")
    should_retry: str | None = word(str, "header x-should-retry: true or false")

    cut_after: int | None = word(int, "drop the connection after so many content chunks; 0: no reply")
    reset: bool | None = flag("with cut_after: reset the connection instead of closing it")
    error_event: int | None = word(int, "error event after N chunks (alone: halfway)", bare=HALFWAY)
    malformed: int | None = word(int, "broken JSON after N chunks (alone: halfway)", bare=HALFWAY)
    hold_after: int | None = word(int, "send nothing after N chunks until the client leaves")

    slow: float | None = word(float, "seconds before the first byte")
    first_chunk_delay_ms: float | None = word(float, "between the headers and the first chunk")
    delay_ms: float | None = word(float, "between content chunks")

    say: str | None = word(str, "the answer's text")
    chunks: int | None = word(int, "stream the text in so many chunks")
    tool: tuple[str, ...] | None = word(_names, "call these tools: a,b")
    args: dict[str, Any] | None = word(_object, "arguments of the tool calls, JSON")
    rounds: int | None = word(int, "call them again until so many results came back (1)")
    thinking: str | None = word(str, "think first; Anthropic shows the thought", bare="Let me think.")
    refuse: bool | None = flag("refuse, in the API's own form")
    length: bool | None = flag("stop for length")
    content_filter: str | None = word(str, "filter the answer, or `prompt`: refuse it", bare="answer")
    failed: bool | None = flag("Responses: a 200 whose status is failed")
    flagged: str | None = word(str, "moderation: flag this category", bare="violence")
    model: str | None = word(str, "the model that answers, when not the one asked for")
    tier: str | None = word(str, "the service tier (Anthropic: speed) that answers")

    usage: str | None = word(str, "`none`: report no usage; alone it only reads well", bare="told")
    input: int | None = word(int, "the API's own input or prompt tokens")
    output: int | None = word(int, "output tokens")
    cached: int | None = word(int, "input tokens read from the cache")
    write_5m: int | None = word(int, "input tokens written to the cache (5 minutes)")
    write_1h: int | None = word(int, "input tokens written to the cache for an hour (Anthropic)")
    audio_in: int | None = word(int, "audio input tokens")
    audio_out: int | None = word(int, "audio output tokens")
    reasoning: int | None = word(int, "reasoning tokens, part of the output")
    web_searches: int | None = word(int, "searches of the server's own tool (Anthropic)")

    remaining_requests: int | None = word(int, "rate-limit headers: requests left")
    remaining_tokens: int | None = word(int, "rate-limit headers: tokens left")


CONTROLS = {
    "times": "a group with it holds for the first N attempts of each call",
    "first": "a group with it holds for the first N requests of the same key, path and body",
}
ALIASES = {"audio": "audio_in", "cache_write": "write_5m"}
_WORDS = {f.name: f.metadata for f in fields(Script)}
EMPTY = Script()


@dataclass(frozen=True, slots=True)
class Group:
    """One `[[…]]`: its words, and for how long it holds."""

    text: str
    words: dict[str, Any]
    times: int | None = None
    first: int | None = None


@lru_cache(maxsize=4096)
def groups(text: str) -> tuple[Group, ...]:
    """Read every `[[…]]` of a text, in order."""
    return tuple(_group(match) for match in _GROUP.findall(text))


def bare(directive: str) -> str:
    """Wrap a directive given without brackets."""
    return directive if "[[" in directive else f"[[{directive}]]"


def _group(text: str) -> Group:
    try:
        pairs = [item.partition("=") for item in shlex.split(text)]
        words = dict(_read(name, sign, value) for name, sign, value in pairs)
    except ValueError as error:
        raise ScriptError(f"directive [[{text}]]: {error}") from error
    controls = {name: words.pop(name) for name in CONTROLS if name in words}
    return Group(text, words, **controls)


def _read(name: str, sign: str, value: str) -> tuple[str, Any]:
    name = ALIASES.get(name, name)
    if name in CONTROLS:
        return name, int(value)
    if name not in _WORDS:
        raise ScriptError(f"no such word: {name}")
    meta = _WORDS[name]
    if sign:
        return name, meta["read"](value)
    if meta["bare"] is None:
        raise ScriptError(f"{name} needs a value")
    return name, meta["bare"]


def script_of(active: list[Group]) -> Script:
    """Merge groups; a later word overrides an earlier one."""
    merged: dict[str, Any] = {}
    for group in active:
        merged |= group.words
    return Script(**merged) if merged else EMPTY


def explain() -> str:
    """List every word with what it does."""
    rows = {name: meta["says"] for name, meta in _WORDS.items()} | CONTROLS
    return "\n".join(f"  {name:<21} {says}" for name, says in rows.items())
