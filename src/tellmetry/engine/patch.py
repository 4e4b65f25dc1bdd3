"""Wrap and unwrap: one list of what was wrapped, with what it takes to put it back."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any

import wrapt


class _Method(wrapt.BoundFunctionWrapper):  # type: ignore[type-arg]
    """A patched method of an object or class: copied and pickled as the method would be."""

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        held = getattr(self, "__self__", None)
        return self if held is None else getattr(copy.deepcopy(held, memo), self.__name__)

    def __reduce_ex__(self, protocol: Any) -> Any:
        held = getattr(self, "__self__", None)
        return _by_name(self) if held is None else (getattr, (held, self.__name__))


class _Function(wrapt.FunctionWrapper):  # type: ignore[type-arg]
    """A patched function: copied and pickled as the function would be, by its name."""

    __bound_function_wrapper__ = _Method

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _by_name(self)


def _by_name(function: Any) -> Any:
    name = f"{function.__module__}:{function.__qualname__}"
    original, there = function.__wrapped__, pkgutil.resolve_name(name)
    if original not in (there, getattr(there, "__wrapped__", None)):
        raise pickle.PicklingError(f"Can't pickle {original!r}: it's not the same object as {name}")
    return pkgutil.resolve_name, (name,)


@dataclass(slots=True)
class Patched:
    """One place that we have wrapped: enough to put the original back."""

    owner: Any
    name: str
    original: Any
    inherited: bool


_patched: list[Patched] = []


def wrap(owner: Any, name: str, wrapper: Callable[..., Any] | property) -> bool:
    """Wrap `owner.name`; False where it is missing or wrapped by us already.

    A property stands before what each of the class's objects holds under that name, where the class has nothing.
    """
    original = vars(owner).get(name, _ABSENT)
    current = getattr(owner, name, None)
    known = any(one.owner is owner and one.name == name for one in _patched)
    if known or (current is None) is not isinstance(wrapper, property):
        return False
    function: Any = original if original is not _ABSENT else current
    setattr(owner, name, wrapper if isinstance(wrapper, property) else _wrapped(owner, name, function, wrapper))
    _patched.append(Patched(owner, name, original, original is _ABSENT))
    return True


_NOT_PLAIN = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def _wrapped(owner: Any, name: str, function: Any, wrapper: Callable[..., Any]) -> Any:
    """Give what stands in for a function: a plain one, which is called sooner, for a method that nobody else calls."""
    if not _is_private_method(owner, name, function):
        return _Function(function, wrapper)

    @functools.wraps(function)
    def inside(instance: Any, /, *args: Any, **kwargs: Any) -> Any:
        return wrapper(MethodType(function, instance), instance, args, kwargs)

    return inside


def _is_private_method(owner: Any, name: str, function: Any) -> bool:
    """Tell whether a function is a class's own private method, of which a plain function looks the same."""
    return (
        isinstance(owner, type)
        and name.startswith("_")
        and not name.endswith("__")
        and type(function) is FunctionType
        and function.__qualname__ == f"{owner.__qualname__}.{name}"  # else it would not be found under its name
        and not function.__defaults__
        and not function.__code__.co_flags & _NOT_PLAIN
    )


_ABSENT: Any = object()


_undone_by: list[Callable[[], None]] = []  # what takes hooks out again that are no attribute of anything


def install(hook: Callable[[], Callable[[], None]]) -> None:
    """Install a hook, which gives what takes it out again: here, so that nothing can fail in between."""
    _undone_by.append(hook())


def disarm() -> None:
    """Put every original back."""
    while _undone_by:
        _undone_by.pop()()
    while _patched:
        one = _patched.pop()
        if one.inherited:
            delattr(one.owner, one.name)
        else:
            setattr(one.owner, one.name, one.original)


def places() -> list[Patched]:
    """Give what is wrapped now, for `doctor`."""
    return list(_patched)
