"""What the provider answers to an ask under a script: words, tool calls and usage, before any wire format."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

from tellmetry.demo.provider import prices
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.schema import instance
from tellmetry.demo.provider.script import NO_USAGE, Script, ScriptError
from tellmetry.demo.provider.usage import Usage, tokens

Finish: TypeAlias = Literal["stop", "length", "tool", "refusal", "filter", "failed"]

TEXT = "This is the answer of the loopback provider; no model was asked."
REFUSAL = "I'm sorry, but I can't help with that."
THOUGHT = "Let me think."
_PARTS = tuple(f.name for f in fields(Usage) if f.name not in ("input", "output"))
_WORD = re.compile(r"\S+\s*|\s+")
_ARGUMENT_PIECE = 8


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call of the answer."""

    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class Answer:
    """An answer, still without a wire format."""

    id: str
    created: int
    model: str
    tier: str
    finish: Finish
    pieces: tuple[str, ...]
    """The text as it is streamed."""
    thinking: str
    calls: tuple[Call, ...]
    usage: Usage
    script: Script

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)

    @property
    def told(self) -> bool:
        """Whether the reply may carry the usage."""
        return self.script.usage != NO_USAGE


def compose(ask: Ask, script: Script, id_: str, created: int, *, cache_inside: bool) -> Answer:
    """Decide the answer; `cache_inside` says whether the API counts cached tokens within the input."""
    calls = _calls(ask, script, id_)
    finish = _finish(script, calls)
    pieces = () if calls or ask.counts != "all" else _pieces(ask, script)
    thinking = script.thinking or (THOUGHT if ask.thinks else "")
    if thinking and script.reasoning is None:
        script = replace(script, reasoning=tokens(len(thinking)))
    said = sum(map(len, pieces)) + sum(len(c.name) + len(c.arguments) for c in calls)
    usage = _usage(ask, script, tokens(ask.n * said), cache_inside=cache_inside)
    served = script.model or ask.model
    known = prices.find(served)
    tier = known.tier(script.tier or ask.tier) if known else prices.DEFAULT_TIER
    model = known.snapshot if known else served
    return Answer(id_, created, model, tier, finish, pieces, thinking, calls, usage, script)


def _finish(script: Script, calls: tuple[Call, ...]) -> Finish:
    asked: tuple[tuple[object, Finish], ...] = (
        (script.failed, "failed"),
        (script.refuse, "refusal"),
        (script.content_filter, "filter"),
        (script.length, "length"),
        (calls, "tool"),
    )
    return next((finish for wanted, finish in asked if wanted), "stop")


def _calls(ask: Ask, script: Script, id_: str) -> tuple[Call, ...]:
    if script.refuse or ask.rounds >= (1 if script.rounds is None else script.rounds):
        return ()
    names = script.tool or ()
    if not names and ask.must_call is not None:
        names = (ask.must_call or next(iter(ask.tools), ""),)
    return tuple(Call(f"{id_}{index}", name, _arguments(ask, script, name)) for index, name in enumerate(names) if name)


def _arguments(ask: Ask, script: Script, name: str) -> str:
    return json.dumps(instance(ask.tools.get(name)) if script.args is None else script.args)


def _pieces(ask: Ask, script: Script) -> tuple[str, ...]:
    if script.refuse:
        return split(script.say or REFUSAL, script.chunks)
    if script.say is not None:
        return split(script.say, script.chunks)
    if ask.schema is not None:
        return split(json.dumps(instance(ask.schema)), script.chunks)
    if script.chunks is not None:
        return _numbered(script.chunks)
    return split(TEXT, None)


@lru_cache(maxsize=256)
def _numbered(chunks: int) -> tuple[str, ...]:
    return tuple(f"w{index} " for index in range(chunks))


@lru_cache(maxsize=1024)
def split(text: str, chunks: int | None) -> tuple[str, ...]:
    """Cut a text into its words, or into so many pieces of nearly equal length."""
    if chunks is None:
        return tuple(_WORD.findall(text))
    if not 1 <= chunks <= len(text):
        raise ScriptError(f"a text of {len(text)} characters has no {chunks} chunks")
    bounds = [len(text) * index // chunks for index in range(chunks + 1)]
    return tuple(text[a:b] for a, b in pairwise(bounds))


def argument_pieces(call: Call) -> tuple[str, ...]:
    """Cut the arguments of a call as they are streamed."""
    text = call.arguments
    return tuple(text[a : a + _ARGUMENT_PIECE] for a in range(0, len(text), _ARGUMENT_PIECE))


def _usage(ask: Ask, script: Script, said: int, *, cache_inside: bool) -> Usage:
    """Count: what is not set follows from the text, and a part that is set comes on top of it."""
    if ask.counts == "nothing":
        return Usage()
    parts = {name: getattr(script, name) or 0 for name in _PARTS}
    caches = parts["cached"] + parts["write_5m"] + parts["write_1h"]
    if script.input is None:
        total = (tokens(ask.chars) or 1) + caches + parts["audio_in"]
    else:
        total = script.input + (0 if cache_inside else caches)
    output = script.output
    if output is None:
        output = said + parts["reasoning"] + parts["audio_out"]
    usage = Usage(total, output, **parts)
    if problem := usage.impossible():
        raise ScriptError(problem)
    if ask.counts == "input" and usage != Usage(total):
        raise ScriptError("embeddings count nothing but input")
    return usage
