"""Finished spans for tests: one like any other, and their numbers."""

from __future__ import annotations

import random
from typing import Any

from tellmetry import names
from tellmetry.emit.spans import Finished, Own

RESOURCE = {"service.name": "tests", "service.instance.id": "one"}


def span(number: int = 0, at_ns: int = 1_800_000_000_000_000_000, seconds: float = 1.0, **attributes: Any) -> Finished:
    """Give a model call's span; keywords with `__` for `.` are further attributes."""
    told = {names.OPERATION: "chat", names.REQUEST_MODEL: "gpt-4o-mini", "number": number}
    told |= {key.replace("__", "."): value for key, value in attributes.items()}
    identity = Own(random.getrandbits(128) or 1, random.getrandbits(64) or 1, 0, parent_is_remote=False)
    return Finished("chat gpt-4o-mini", "client", identity, at_ns, at_ns + round(seconds * 1e9), told, failed=False)


def numbers(batches: Any) -> list[int]:
    """Give the numbers of the spans in some batches of the store."""
    return [one.attributes["number"] for told, _ in batches for one in told]
