"""Places of guardrail libraries: one call is one check, and what is found inside is noted on the check that is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tellmetry.clients.client import Place
from tellmetry.clients.methods import Body, arguments, method
from tellmetry.engine.call import Wire, open_of
from tellmetry.engine.traced import heard
from tellmetry.guard import guarded
from tellmetry.record import Guardrail


def check(client: str, where: str, wire: Wire, body: Body = arguments()) -> Place:
    """Declare one method that checks: `where` is `module:Class.method`."""
    return method(client, where, wire, body=body, record=Guardrail)


def finding(where: str, read: Callable[[Guardrail, Any, Any, Any], None]) -> Place:
    """Declare a function inside a check: `read(check, args, kwargs, result)` sees what it was given and gave."""
    module, _, path = where.partition(":")

    def look(instance: Any, args: Any, kwargs: Any, result: Any) -> None:
        open_one = open_of(Guardrail)
        if open_one is not None:
            read(open_one, args, kwargs, result)

    return Place(module, path, heard(look), "findings")


def given(where: str, read: Callable[[Guardrail, Any, Any], None]) -> Place:
    """Declare a function inside a check that may raise: `read(check, args, kwargs)` sees what it is given."""
    module, _, path = where.partition(":")

    @guarded("listening to a client")
    def look(args: Any, kwargs: Any) -> None:
        open_one = open_of(Guardrail)
        if open_one is not None:
            read(open_one, args, kwargs)

    def wrapper(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
        look(args, kwargs)
        return wrapped(*args, **kwargs)

    return Place(module, path, wrapper, "findings")
