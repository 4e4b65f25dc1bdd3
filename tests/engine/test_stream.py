"""Five endings, one record: whoever reads, closes, drops, cancels or breaks a stream."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from recording import Recording
from toy import ToyError, async_chunks, chunks, opened

from tellmetry.engine import stream


class Holder:
    """A stream object of a client: holds the iterator that we watch in an attribute, and closes."""

    def __init__(self, inner: Any) -> None:
        self._iterator = stream.watch(opened(stream=True), inner)
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        for one in self._iterator:
            yield one

    def close(self) -> str:
        self._iterator.closed_by_app()
        self.closed += 1
        return "closed"


def held(*given: Any) -> Holder:
    return Holder(chunks(*given))


def test_completed(recorded: Recording) -> None:
    assert list(held("a", {"output_tokens": 2})) == ["a", {"output_tokens": 2}]
    assert (recorded.call.ending, recorded.call.chunks, recorded.call.output_tokens) == ("completed", 2, 2)


def test_empty(recorded: Recording) -> None:
    assert list(held()) == []
    assert (recorded.call.ending, recorded.call.chunks, recorded.call.first_chunk_s) == ("completed", 0, None)


def test_closed(recorded: Recording) -> None:
    holder = held("a", "b")
    assert next(iter(holder)) == "a"
    assert holder.close() == "closed"
    assert (recorded.call.ending, holder.closed) == ("closed", 1)


def test_read_on_after_a_break(recorded: Recording) -> None:
    holder = held("a", "b", "c")
    for _ in holder:
        break
    assert recorded.calls == []
    assert list(holder) == ["b", "c"]
    assert recorded.call.ending == "completed"


def test_abandoned(recorded: Recording) -> None:
    holder = held("a", "b")
    next(iter(holder))
    del holder
    assert recorded.call.ending == "abandoned"


def test_failed(recorded: Recording) -> None:
    error = ToyError()
    with pytest.raises(ToyError) as raised:
        list(held("a", error))
    assert raised.value is error
    assert (recorded.call.ending, recorded.call.error_type) == ("failed", "ToyError")


def test_cleaning_up_behind_itself_is_no_close(recorded: Recording) -> None:
    """A client's generator closes what it reads from, at its end and when it is collected."""

    class Careful(Holder):
        def __init__(self) -> None:
            super().__init__(self.read())

        def read(self) -> Iterator[str]:
            try:
                yield "a"
                yield "b"
            finally:
                self.close()

    whole, dropped = Careful(), Careful()
    list(whole)
    next(iter(dropped))
    del dropped
    gc.collect()
    assert [call.ending for call in recorded.calls] == ["completed", "abandoned"]


async def test_async_endings(recorded: Recording) -> None:
    for given, stop in (("ab", False), ("ab", True)):
        watched = stream.watch(opened(stream=True), async_chunks(*given))
        async for _ in watched:  # type: ignore[union-attr]
            if stop:
                watched.closed_by_app()
                break
    assert [call.ending for call in recorded.calls] == ["completed", "closed"]


async def test_async_read_on_after_a_break(recorded: Recording) -> None:
    watched = stream.watch(opened(stream=True), async_chunks("a", "b", "c"))
    async for _ in watched:  # type: ignore[union-attr]
        break
    assert recorded.calls == []
    assert await anext(watched) == "b"  # type: ignore[arg-type]
    assert [chunk async for chunk in watched] == ["c"]  # type: ignore[union-attr]
    assert (recorded.call.ending, recorded.call.chunks) == ("completed", 3)


async def test_async_dropped_ends_at_once_and_gives_the_loop_nothing_to_do(recorded: Recording) -> None:
    hooks, heard = sys.get_asyncgen_hooks(), []
    sys.set_asyncgen_hooks(heard.append, heard.append)
    try:
        watched = stream.watch(opened(stream=True), inner := async_chunks("a", "b"))
        async for _ in watched:  # type: ignore[union-attr]
            break
        del watched
    finally:
        sys.set_asyncgen_hooks(*hooks)
    assert heard == [inner]  # the client's own, and once: it has begun
    assert recorded.call.ending == "abandoned"
    await inner.aclose()


async def test_async_failed_and_cancelled(recorded: Recording) -> None:
    for error in (ToyError(), asyncio.CancelledError()):
        watched = stream.watch(opened(stream=True), async_chunks("a", error))
        with pytest.raises(type(error)):
            [chunk async for chunk in watched]  # type: ignore[union-attr]
    assert [(call.ending, call.error_type) for call in recorded.calls] == [
        ("failed", "ToyError"),
        ("cancelled", "cancelled"),
    ]


@pytest.mark.parametrize(("stop", "ending"), [(None, "completed"), (1, "closed")])
def test_generator(stop: int | None, ending: str, recorded: Recording) -> None:
    generator = stream.follow(opened(stream=True), chunks("a", "b"))
    assert inspect.isgenerator(generator)
    for count, _ in enumerate(generator, 1):
        if count == stop:
            break
    generator.close()
    assert recorded.call.ending == ending


def test_generator_returns_and_raises_as_it_does(recorded: Recording) -> None:
    def inner() -> Iterator[str]:
        yield "a"
        return 7

    generator = stream.follow(opened(stream=True), inner())
    assert next(generator) == "a"
    with pytest.raises(StopIteration) as stopped:
        next(generator)
    assert stopped.value.value == 7
    error = ToyError()
    with pytest.raises(ToyError) as raised:
        list(stream.follow(opened(stream=True), chunks(error)))
    assert raised.value is error
    assert [call.ending for call in recorded.calls] == ["completed", "failed"]


def test_a_generator_that_nobody_started_has_sent_nothing(recorded: Recording) -> None:
    stream.follow(opened(stream=True), chunks("a"))
    assert recorded.calls == []


@pytest.mark.parametrize(("stop", "ending"), [(False, "completed"), (True, "closed")])
async def test_async_generator(stop: bool, ending: str, recorded: Recording) -> None:
    generator = stream.follow(opened(stream=True), async_chunks("a", "b"))
    assert inspect.isasyncgen(generator)
    async for _ in generator:
        if stop:
            break
    await generator.aclose()
    assert recorded.call.ending == ending


async def test_cancelled_async_generator(recorded: Recording) -> None:
    generator = stream.follow(opened(stream=True), async_chunks("a", asyncio.CancelledError()))
    with pytest.raises(asyncio.CancelledError):
        [chunk async for chunk in generator]
    assert (recorded.call.ending, recorded.call.error_type) == ("cancelled", "cancelled")


def test_a_plain_answer_is_settled(recorded: Recording) -> None:
    assert stream.follow(opened(), {"output_tokens": 1}) == {"output_tokens": 1}
    assert (recorded.call.ending, recorded.call.output_tokens) == (None, 1)


def test_members_of_the_inner_iterator_are_there() -> None:
    inner = chunks("a")
    watched = stream.watch(opened(), inner)
    assert watched.gi_frame is inner.gi_frame  # type: ignore[union-attr]
    assert not hasattr(watched, "nothing_like_that")


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_cannot_be_copied_as_a_generator_cannot(duplicate: Any, recorded: Recording) -> None:
    watched = stream.watch(opened(stream=True), chunks("a"))
    with pytest.raises(TypeError, match="cannot pickle 'generator' object"):
        duplicate(watched)
    gc.collect()
    assert recorded.calls == []


def test_open_streams_end_with_the_process(recorded: Recording) -> None:
    holder = held("a", "b")
    next(iter(holder))
    stream.end_all()
    assert recorded.call.ending == "abandoned"
    assert list(holder) == ["b"]
