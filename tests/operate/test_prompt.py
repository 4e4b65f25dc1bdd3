"""A prompt's name and version reach every call inside, and none outside."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

import tellmetry
from tellmetry import scope


def test_with_and_nested() -> None:
    with tellmetry.prompt("outer", 1):
        with tellmetry.prompt("inner", "2"):
            assert scope.PROMPT.get() == ("inner", "2")
        assert scope.PROMPT.get() == ("outer", "1")
    assert scope.PROMPT.get() is None


async def test_async_and_decorators() -> None:
    @tellmetry.prompt("refund", "7")
    def plain() -> object:
        return scope.PROMPT.get()

    @tellmetry.prompt("refund", "8")
    async def waiting() -> object:
        await asyncio.sleep(0)
        return scope.PROMPT.get()

    async with tellmetry.prompt("order"):
        assert await asyncio.gather(waiting(), waiting()) == [("refund", "8")] * 2
        assert plain() == ("refund", "7")
        assert scope.PROMPT.get() == ("order", None)


def test_left_in_another_context() -> None:
    prompt = tellmetry.prompt("refund")
    contextvars.copy_context().run(prompt.__enter__)
    prompt.__exit__()
    assert scope.PROMPT.get() is None


def test_a_generator_is_refused() -> None:
    def walk():  # type: ignore[no-untyped-def] # noqa: ANN202
        yield 1

    with pytest.raises(TypeError, match=r"prompt\(\) cannot decorate the generator"):
        tellmetry.prompt("refund")(walk)
