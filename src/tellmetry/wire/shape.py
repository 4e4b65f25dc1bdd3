"""One way to look into a body, be it a dict or a client's model object."""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable, Mapping
from hashlib import blake2s
from typing import Any

from tellmetry import names

_NOTHING: Mapping[str, Any] = {}

# Versions of the prompts seen lately, by their content: the same prompt is sent again and again.
_versions: dict[bytes, str] = {}
_REMEMBERED = 256


def fields(node: Any) -> Mapping[str, Any]:
    """Give a node's fields as a mapping, without copying; an empty one for anything that has none."""
    if isinstance(node, dict):
        return node
    return getattr(node, "__dict__", _NOTHING)


def all_fields(node: Any) -> Mapping[str, Any]:
    """Give a node's fields with those that its class does not know but the provider sent."""
    if isinstance(node, dict):
        return node
    extra = getattr(node, "__pydantic_extra__", None)
    known = getattr(node, "__dict__", _NOTHING)
    return {**known, **extra} if extra else known


def member(node: Any, name: str) -> Any:
    """Give one field of a node that may hold its fields anywhere; None where it has none of that name."""
    return node.get(name) if isinstance(node, dict) else getattr(node, name, None)


def items(node: Any) -> Iterable[Any]:
    """Give a list's items; nothing for what is not a list."""
    return node if isinstance(node, (list, tuple)) else ()


def count(value: Any) -> int | None:
    """Give a whole, non-negative number as it stands, and None for anything else."""
    if value is None or type(value) is int:
        return value if value is None or value >= 0 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text(value: Any) -> str | None:
    """Give a non-empty string, a plain enum's value included, and None for anything else."""
    if value is None or type(value) is str:
        return value or None
    value = getattr(value, "value", value)
    return value if isinstance(value, str) and value else None


def number(value: Any) -> float | None:
    """Give a real number as a float, and None for anything else."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def length(content: Any) -> int:
    """Count the characters of text inside a content of any depth: what an estimate of tokens starts from."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, (list, tuple)):
        return sum(map(length, content))
    inside = fields(content)
    return sum(length(inside[key]) for key in ("content", "text", "arguments", "input", "parts") if inside.get(key))


def fingerprint(system: Any, tools: Any) -> str | None:
    """Give the version of a prompt that nobody declared: a digest of its system text and tool schema."""
    if not system and not tools:
        return None
    try:
        seen = marshal.dumps((system, tools), 2)  # version 2 has no references: equal content gives equal bytes
    except ValueError:  # a client's model objects
        return _digest(system, tools)
    known = _versions.get(seen)
    if known is None:
        if len(_versions) >= _REMEMBERED:
            _versions.clear()
        known = _versions[seen] = _digest(system, tools)
    return known


def _digest(system: Any, tools: Any) -> str:
    """Give a version that is the same on every machine and Python; marshal's bytes would not be."""
    canonical = json.dumps((system, tools), default=_plain, sort_keys=True)
    return names.AUTO_VERSION + blake2s(canonical.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _plain(node: Any) -> Any:
    return dict(fields(node)) or type(node).__name__
