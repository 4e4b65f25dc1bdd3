"""Operations of the app's own: `with`, `async with`, decorator; free while nothing is recorded; shared by tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from recording import Recording

from tellmetry import guard
from tellmetry.engine.operation import Operation, tell
from tellmetry.record import Review, ToolCall


class Tool(Operation):
    """A tool call."""

    def _make(self, name: str) -> ToolCall:
        record = ToolCall()
        record.tool = name
        return record

    def _returned(self, result: Any) -> None:
        self._record.call_id = result


SCOPE: ContextVar[Any] = ContextVar("toy", default=None)


class Scoped(Tool):
    """A tool call that the code inside can find."""

    scope = SCOPE


def test_with(recorded: Recording) -> None:
    with Tool("lookup"):
        assert recorded == []
    (record,) = recorded
    assert record.tool == "lookup"
    assert record.ended_ns >= record.started_ns > 0


async def test_async_with(recorded: Recording) -> None:
    async with Tool("lookup"):
        await asyncio.sleep(0)
    assert [record.tool for record in recorded] == ["lookup"]


def test_an_error_passes_and_is_named(recorded: Recording) -> None:
    error = KeyError("x")
    with pytest.raises(KeyError) as raised, Tool("lookup"):
        raise error
    assert raised.value is error
    assert recorded[0].error_type == "KeyError"


def test_decorator(recorded: Recording) -> None:
    @Tool("lookup")
    def look(x: str) -> str:
        """Look."""
        return x

    assert (look("a"), look("b"), look.__name__, look.__doc__) == ("a", "b", "look", "Look.")
    assert [record.call_id for record in recorded] == ["a", "b"]


async def test_async_decorator(recorded: Recording) -> None:
    @Tool("lookup")
    async def look(x: str) -> str:
        await asyncio.sleep(0)
        return x

    assert asyncio.iscoroutinefunction(look)
    assert await asyncio.gather(look("a"), look("b")) == ["a", "b"]
    assert sorted(record.call_id for record in recorded) == ["a", "b"]


def test_a_generator_is_refused() -> None:
    def walk() -> Iterator[int]:
        yield 1

    async def awalk() -> Any:
        yield 1

    for one in (walk, awalk):
        with pytest.raises(TypeError, match="open it with `with`"):
            Tool("walk")(one)


def test_nothing_while_nothing_is_recorded() -> None:
    tool = Tool("lookup")
    with tool:
        assert tool._record is None


def test_inside_each_other(recorded: Recording) -> None:
    with Scoped("outer"), Tool("inner"):
        assert SCOPE.get() is not None
    assert SCOPE.get() is None
    inner, outer = recorded
    assert inner.span.parent_id == outer.span.span_id
    assert inner.span.trace_id == outer.span.trace_id


@pytest.mark.parametrize("kind", [Tool, Scoped])
def test_one_object_opened_again_inside_itself(kind: type[Tool], recorded: Recording) -> None:
    tool = kind("lookup")
    with tool:
        outer = tool._record
        with tool:
            assert tool._record is not outer
        assert tool._record is outer
    assert (len(recorded), tool._record, SCOPE.get()) == (2, None, None)


@pytest.mark.parametrize("kind", [Tool, Scoped])
async def test_one_object_shared_by_tasks(kind: type[Tool], recorded: Recording) -> None:
    tool = kind("lookup")

    async def one(number: int) -> None:
        async with tool:
            await asyncio.sleep(0.01 * (number % 3))
            tool._record.call_id = str(number)
            await asyncio.sleep(0.01 * (2 - number % 3))

    await asyncio.gather(*(one(number) for number in range(9)))
    assert sorted(record.call_id for record in recorded) == [str(number) for number in range(9)]


def test_one_object_shared_by_threads(recorded: Recording) -> None:
    tool = Tool("lookup")

    def one(number: int) -> None:
        with tool:
            tool._record.call_id = str(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(20)))
    assert sorted(int(record.call_id) for record in recorded) == list(range(20))


def test_left_in_another_context(recorded: Recording) -> None:
    """As dependencies of web frameworks do, which enter in one context and leave in another."""
    import contextvars

    tool = Scoped("lookup")
    contextvars.copy_context().run(tool.__enter__)
    contextvars.copy_context().run(tool.__exit__, None, None, None)
    assert len(recorded) == 1
    assert SCOPE.get() is None


def test_our_own_error_does_no_harm(recorded: Recording) -> None:
    class Broken(Tool):
        def _make(self, name: str) -> ToolCall:
            raise ZeroDivisionError

        def _returned(self, result: Any) -> None:
            raise ZeroDivisionError

    guard.strict = False
    with Broken("lookup"):
        pass
    assert Broken("lookup")(lambda: 7)() == 7
    assert recorded == []
    assert guard.lost["opening an operation"] == 2


def test_a_moment_is_told(recorded: Recording) -> None:
    review = Review()
    review.review, review.state = "refund", "requested"
    tell(review)
    assert recorded == [review]
    assert review.started_ns == review.ended_ns > 0
