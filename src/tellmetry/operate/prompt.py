"""Which prompt, in which version: said once, stamped on every model call inside."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Token
from typing import Any, TypeVar

from tellmetry import scope
from tellmetry.engine.operation import around
from tellmetry.privacy import clean

F = TypeVar("F", bound=Callable[..., Any])


class prompt:  # noqa: N801 - used as a context manager and a decorator
    """Declare the prompt `name` and its `version` for the model calls inside; nothing else changes."""

    def __init__(self, name: str, version: str | int | None = None) -> None:
        self._prompt = scope.Prompt(clean(name) or "", clean(version))
        self._tokens: list[Token[scope.Prompt | None]] = []

    def __enter__(self) -> prompt:
        self._tokens.append(scope.PROMPT.set(self._prompt))
        return self

    def __exit__(self, *error: object) -> None:
        token = self._tokens.pop()
        if scope.PROMPT.get() is self._prompt:
            try:
                scope.PROMPT.reset(token)
            except ValueError:  # left in another context than it was entered in: nothing to take back there
                scope.PROMPT.set(None)

    async def __aenter__(self) -> prompt:
        return self.__enter__()

    async def __aexit__(self, *error: object) -> None:
        self.__exit__(*error)

    def __call__(self, function: F) -> F:
        """Declare this prompt around every call of `function`."""
        return around(lambda: prompt(self._prompt.name, self._prompt.version), function)
