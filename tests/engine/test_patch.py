"""What is wrapped behaves as before, can be copied, and is put back."""

from __future__ import annotations

import copy
import inspect
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tellmetry.engine import patch


class Base:
    def inherited(self) -> str:
        return "base"


class Thing(Base):
    def method(self, x: int, *, y: int = 2) -> int:
        """Add."""
        return x + y

    @classmethod
    def of_class(cls) -> str:
        return cls.__name__

    @staticmethod
    def static(x: int) -> int:
        return x

    async def wait(self) -> int:
        return 1

    def _inner(self, x: int, *, instance: int = 2) -> int:
        return x + instance

    async def _inner_wait(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        return type(other) is Thing


class Misnamed:
    def method(self) -> int:
        return 1


def _private(x: int) -> int:
    return x


def function(x: int) -> int:
    return x


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    patch.disarm()


def doubling(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    return wrapped(*args, **kwargs) * 2


def test_wraps_every_kind_and_puts_it_back() -> None:
    names = ("method", "of_class", "static", "inherited")
    before = {name: vars(Thing).get(name) for name in names}
    assert all(patch.wrap(Thing, name, doubling) for name in names)
    thing = Thing()
    assert (thing.method(1), Thing.of_class(), Thing.static(3), thing.inherited()) == (6, "ThingThing", 6, "basebase")
    assert Base().inherited() == "base"
    assert [one.name for one in patch.places()] == list(names)
    patch.disarm()
    assert {name: vars(Thing).get(name) for name in names} == before
    assert patch.places() == []


def test_wraps_once_and_only_what_is_there() -> None:
    assert patch.wrap(Thing, "method", doubling)
    assert not patch.wrap(Thing, "method", doubling)
    assert not patch.wrap(Thing, "nothing_like_that", doubling)
    assert Thing().method(1) == 6


def test_looks_as_before() -> None:
    before = inspect.signature(Thing.method), inspect.iscoroutinefunction(Thing.wait), Thing.method.__doc__
    patch.wrap(Thing, "method", doubling)
    patch.wrap(Thing, "wait", doubling)
    assert (inspect.signature(Thing.method), inspect.iscoroutinefunction(Thing.wait), Thing.method.__doc__) == before
    assert inspect.isfunction(Thing.method)
    assert inspect.ismethod(Thing().method)


def test_what_only_its_class_calls_is_a_plain_function() -> None:
    before = inspect.signature(Thing._inner), inspect.iscoroutinefunction(Thing._inner_wait)
    assert patch.wrap(Thing, "_inner", doubling)
    assert patch.wrap(Thing, "_inner_wait", doubling)
    assert (inspect.signature(Thing._inner), inspect.iscoroutinefunction(Thing._inner_wait)) == before
    assert type(Thing._inner) is type(function)
    assert (Thing()._inner(1), Thing()._inner(x=1, instance=4), Thing._inner(Thing(), 1)) == (6, 10, 6)
    patch.disarm()
    assert Thing()._inner(1) == 3


def test_a_private_function_of_a_module_is_wrapped() -> None:
    assert patch.wrap(sys.modules[__name__], "_private", doubling)
    assert _private(2) == 4


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_is_copied_and_pickled_as_before(duplicate: Any) -> None:
    module = sys.modules[__name__]
    patch.wrap(Thing, "method", doubling)
    patch.wrap(module, "function", doubling)
    thing = Thing()
    assert duplicate(module.function)(2) == 4
    assert duplicate(Thing.method)(thing, 1) == 6
    assert duplicate(thing.method)(1) == 6
    assert duplicate(thing.method).__self__ == thing


def test_is_refused_by_pickle_as_before() -> None:
    """A client may have given a function another's name: pickle does not take one for the other."""
    Misnamed.method.__qualname__ = "Thing.method"
    patch.wrap(Misnamed, "method", doubling)
    patch.wrap(Thing, "method", doubling)
    with pytest.raises(pickle.PicklingError, match="not the same object"):
        pickle.dumps(Misnamed.method)


def test_a_hook_is_taken_out_or_was_never_in() -> None:
    """One that fails while it is put in leaves nothing behind for the end."""
    installed: list[str] = []

    def hook() -> Any:
        installed.append("in")
        return installed.clear

    patch.install(hook)
    with pytest.raises(ZeroDivisionError):
        patch.install(lambda: 1 / 0)
    assert installed == ["in"]
    patch.disarm()
    assert installed == []
