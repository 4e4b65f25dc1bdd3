"""What a client file declares: who it is, and the places where its calls pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Wrapper = Callable[..., Any] | property
CALLS = ("choke point", "call")  # the roles of places where a call is seen, the best first


@dataclass(frozen=True, slots=True)
class Place:
    """One attribute to wrap: `path` is `Class.method` or `function` inside `module`; `role` is told by `doctor`."""

    module: str
    path: str
    wrapper: Wrapper
    role: str = "call"


@dataclass(frozen=True, slots=True)
class Hook:
    """A framework's own hook: `install(module)` registers ours once `module` is imported, and gives what removes it."""

    module: str
    install: Callable[[ModuleType], Callable[[], None]]
    path: str = "callbacks"
    role: str = "callbacks"


@dataclass(frozen=True, slots=True)
class Client:
    """One instrumented client.

    `tested` are the oldest and newest versions that the contract suite runs; other versions are armed all the same.
    `tells` is what is recorded of it and `proof` what the tests run it against, in the words of the docs' page.
    """

    name: str
    package: str
    tested: tuple[str, ...]
    places: tuple[Place, ...] = ()
    hooks: tuple[Hook, ...] = ()
    tells: str = "model calls"
    proof: str = "a loopback server"

    @property
    def declared(self) -> tuple[Place | Hook, ...]:
        """Everything that is to be armed."""
        return (*self.places, *self.hooks)


def numbers(version: str) -> tuple[int, ...]:
    """Give a version's leading numbers, for comparing: a pre-release counts as its release."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
