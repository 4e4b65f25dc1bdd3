"""What was lost, told as spans: counts leave the process like everything else, one span a stage."""

from __future__ import annotations

import random
import time
from collections import Counter

from tellmetry import guard, names
from tellmetry.emit.spans import Finished, Own, tell_app_span

NAME = f"{names.SCOPE} {names.OP_LOST}"

_told: Counter[str] = Counter()


def claim() -> Counter[str]:
    """Give what was lost since the last claim, by stage; who cannot tell it gives it back."""
    new = guard.lost - _told
    _told.update(new)
    return new


def give_back(claimed: Counter[str]) -> None:
    """Take back what could not be told, for the next claim."""
    _told.subtract(claimed)


def attributes(stage: str, count: int) -> dict[str, str | int]:
    """Give the attributes of the span that tells one stage's losses."""
    return {names.OPERATION: names.OP_LOST, names.LOST_STAGE: stage, names.LOST_COUNT: count}


def spans(claimed: Counter[str]) -> list[Finished]:
    """Give the spans that tell some losses, each a trace of its own."""
    now = time.time_ns()
    return [
        Finished(NAME, "internal", _identity(), now, now, attributes(stage, count), failed=False)
        for stage, count in claimed.items()
    ]


def _identity() -> Own:
    return Own(random.getrandbits(128) or 1, random.getrandbits(64) or 1, 0, parent_is_remote=False)


def tell_app() -> None:
    """Tell what was lost through the app's own provider, where it has one."""
    if guard.lost:
        for stage, count in claim().items():
            tell_app_span(NAME, attributes(stage, count))


def forget() -> None:
    """Start counting anew, as in a forked child: its parent tells what the parent lost."""
    guard.lost.clear()
    _told.clear()
