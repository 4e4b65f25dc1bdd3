"""Server-sent events: the frames a streamed answer is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple


class Frame(NamedTuple):
    """One event's bytes, and how many characters of the answer it carries: more than none makes it a content chunk."""

    data: bytes
    chars: int = 0


dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""Write JSON as the providers do: compact."""


def data(value: Any, chars: int = 0) -> Frame:
    """Make an event without a name, as chat completions have them."""
    return Frame(b"data: %b\n\n" % dumps(value).encode(), chars)


def event(value: dict[str, Any], chars: int = 0) -> Frame:
    """Make an event named by its type, as Responses and Messages have them."""
    return Frame(b"event: %b\ndata: %b\n\n" % (value["type"].encode(), dumps(value).encode()), chars)


def around(template: dict[str, Any], hole: str) -> tuple[bytes, bytes]:
    """Serialise a frame once, as what stands before and after the `hole` that differs from chunk to chunk."""
    before, _, after = dumps(template).partition(dumps(hole))
    return b"data: " + before.encode(), after.encode() + b"\n\n"


def filled(frame: tuple[bytes, bytes], fillings: Iterable[tuple[str, int]]) -> list[Frame]:
    """Fill the hole of a serialised frame with each JSON text in turn."""
    before, after = frame
    return [Frame(before + json_.encode() + after, chars) for json_, chars in fillings]


DONE = Frame(b"data: [DONE]\n\n")
