"""Our errors never reach the app: every call into our own code passes here, once."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tellmetry import settings

P = ParamSpec("P")
T = TypeVar("T")

# What was not recorded, by stage: shown by `doctor`, sent with the resource of the next batch.
lost: Counter[str] = Counter()
_said: set[tuple[str, str]] = set()

strict = False


def lose(stage: str, error: BaseException | None = None, count: int = 1, because: str = "") -> None:
    """Count something that could not be recorded and say so once per place or reason.

    Only an error's type and place are said, since its text may hold the app's data; `because` is ours.
    """
    lost[stage] += count
    place = f" ({because})" if because else _place(error)
    if (stage, place) not in _said:
        _said.add((stage, place))
        settings.complain(f"{stage} failed{place}; the app is not affected, the loss is counted.")


def _place(error: BaseException | None) -> str:
    if error is None:
        return ""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
    return f" with {type(error).__name__}{where}"


def guarded(stage: str) -> Callable[[Callable[P, T]], Callable[P, T | None]]:
    """Make a function of ours safe to call from the app's path: it answers None where it would have raised."""

    def decorate(function: Callable[P, T]) -> Callable[P, T | None]:
        @functools.wraps(function)
        def safe(*args: P.args, **kwargs: P.kwargs) -> T | None:
            try:
                if not kwargs:  # most calls, and passing none on costs as much as passing some
                    return function(*args)  # type: ignore[call-arg]
                return function(*args, **kwargs)
            except Exception as error:
                if strict:
                    raise
                with contextlib.suppress(Exception):
                    lose(stage, error)
                return None

        return safe

    return decorate


def forget() -> None:
    """Start counting anew, for tests and forked children."""
    lost.clear()
    _said.clear()
