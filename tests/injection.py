"""Injected faults: every function of ours that runs can be found by its code, and made to raise instead."""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import tellmetry
from tellmetry import prices, scope
from tellmetry.clients import stainless
from tellmetry.wire import shape

_Cache = type(functools.lru_cache(len))
_ROOT = Path(tellmetry.__file__).parent
_LAYERS = ("engine", "emit", "wire", "clients", "prices", "scope.py", "record.py", "privacy.py")
_GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

hits = 0


class Fault(RuntimeError):
    """What an injected fault raises."""


def hit() -> None:
    """Count and raise: what a function does into which a fault was injected."""
    global hits
    hits += 1
    raise Fault("injected")


def _raise() -> None:
    __import__("injection").hit()  # no local variables, so that it fits into any code


def name(code: CodeType) -> str:
    """Name a function as `engine.call:Call.end`."""
    module = Path(code.co_filename).relative_to(_ROOT).with_suffix("")
    return f"{'.'.join(module.parts)}:{code.co_qualname}"


def _is_ours(code: CodeType) -> bool:
    path = Path(code.co_filename)
    return (
        _ROOT in path.parents
        and path.relative_to(_ROOT).parts[0] in _LAYERS
        and code.co_name not in ("<module>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
    )


def reached(act: Callable[[], object]) -> list[CodeType]:
    """Run something and list the functions of ours that ran, on this thread and on those it started."""
    seen: set[CodeType] = set()

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return sorted(filter(_is_ours, seen.copy()), key=name)


class Injector:
    """Knows all functions of ours by their code."""

    def __init__(self) -> None:
        gc.unfreeze()
        things = gc.get_objects()
        self._functions = [one for one in things if type(one) is FunctionType and _is_ours_function(one)]
        self._caches = [one for one in things if type(one) is _Cache and one.__module__.startswith("tellmetry")]
        about = [one for one in things if type(one) is functools.partial and one.func is stainless._about]
        self._addresses = [one.args[1] for one in about]  # each client's own
        gc.freeze()

    def forget(self) -> None:
        """Empty what our functions remember, so that they run again."""
        for cache in self._caches:
            cache.cache_clear()
        for known in self._addresses:
            known.clear()
        shape._versions.clear()
        prices._book = None
        scope.TRAIL.set(None)

    @contextlib.contextmanager
    def fault(self, code: CodeType) -> Iterator[None]:
        """Make the functions with this code raise, those made meanwhile by their parents included."""
        swaps = [(one, code, _failing(code)) for one in self._functions if one.__code__ is code]
        for parent in self._functions:
            if code in parent.__code__.co_consts:
                swaps.append((parent, parent.__code__, _within(parent.__code__, code)))
        assert swaps, f"{name(code)} was not found"
        for function, _, broken in swaps:
            function.__code__ = broken
        try:
            yield
        finally:
            for function, whole, _ in swaps:
                function.__code__ = whole


def _is_ours_function(function: FunctionType) -> bool:
    return str(_ROOT) in function.__code__.co_filename


def _failing(code: CodeType) -> CodeType:
    raising = _raise.__code__
    return code.replace(
        co_code=raising.co_code,
        co_consts=raising.co_consts,
        co_names=raising.co_names,
        co_stacksize=max(raising.co_stacksize, code.co_stacksize),
        co_exceptiontable=b"",
        co_linetable=raising.co_linetable,
        co_flags=code.co_flags & ~_GENERATORS,
    )


def _within(parent: CodeType, code: CodeType) -> CodeType:
    return parent.replace(co_consts=tuple(_failing(code) if one is code else one for one in parent.co_consts))
