"""What a framework tells in two callbacks: opened by its own id in one, ended in the other, wherever they come."""

from __future__ import annotations

import threading
from contextvars import copy_context
from typing import Any

import pytest
from opentelemetry import context as otel
from recording import Recording

from tellmetry import scope
from tellmetry.engine import runs
from tellmetry.engine.current import carried
from tellmetry.engine.operation import Operation
from tellmetry.engine.runs import Runs
from tellmetry.record import Agent, Run, ToolCall
from tellmetry.wire import tools


@pytest.fixture
def table() -> Any:
    made = Runs()
    yield made
    runs._tables.remove(made)


class Tool(Operation):
    """Something that is told inside."""

    def _make(self) -> ToolCall:
        return ToolCall()


def agent(name: str) -> Agent:
    record = Agent()
    record.agent = name
    return record


def parent(record: Any) -> int:
    return int(record.span.parent_id)


def test_nothing_is_current_between_opening_and_ending(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    assert (otel.get_current(), scope.OPEN.get()) == ({}, None)
    table.end("a")
    (told,) = recorded
    assert (told.name, told.error_type) == ("invoke_agent one", None)
    assert told.duration_s > 0


def test_it_may_end_on_another_thread(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    thread = threading.Thread(target=table.end, args=("a", ValueError("no")))
    thread.start()
    thread.join()
    assert [told.error_type for told in recorded] == ["ValueError"]


def test_inside_is_current_and_what_is_told_there_is_a_child(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    with table.inside("a"), Tool():
        assert isinstance(scope.OPEN.get(), Agent)
    assert (otel.get_current(), scope.OPEN.get()) == ({}, None)
    table.end("a")
    tool, told = recorded
    assert parent(tool) == told.span.span_id


def test_a_context_that_entered_stays_inside_and_no_other_is(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    context = copy_context()
    context.run(table.enter, "a")
    assert scope.OPEN.get() is None
    context.run(lambda: Tool().__enter__().__exit__(None, None, None))
    table.end("a")
    assert parent(recorded[0]) == recorded[1].span.span_id


def test_parents_are_the_frameworks_not_what_is_current(recorded: Recording, table: Runs) -> None:
    """The framework says whose child it is, on whatever thread it says so."""
    table.open("a", agent("outer"))
    table.skip("b", "a")
    thread = threading.Thread(target=table.open, args=("c", agent("inner"), "b"))
    thread.start()
    thread.join()
    for key in "cba":
        table.end(key)
    inner, outer = recorded
    assert parent(inner) == outer.span.span_id


def test_who_is_inside_already_keeps_its_nearer_parent(recorded: Recording, table: Runs) -> None:
    """What the app has opened in between stays the parent: entering again changes nothing."""
    table.open("a", agent("one"))
    with table.inside("a"), Tool(), table.inside("a"), Tool():
        pass
    table.end("a")
    inner, between, outer = recorded
    assert (parent(inner), parent(between)) == (between.span.span_id, outer.span.span_id)


def test_so_does_what_is_carried_onto_another_thread(recorded: Recording, table: Runs) -> None:
    def again() -> None:
        with table.inside("a"), Tool():
            pass

    table.open("a", agent("one"))
    with table.inside("a"), Tool():
        thread = threading.Thread(target=carried(again))
        thread.start()
        thread.join()
    table.end("a")
    inner, between, outer = recorded
    assert (parent(inner), parent(between)) == (between.span.span_id, outer.span.span_id)


def test_an_inner_step_is_entered_from_its_outer_one_but_not_back(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("outer"))
    with table.inside("a"):
        table.open("b", agent("inner"), "a")
        with table.inside("b"), table.inside("a"):
            assert scope.OPEN.get().agent == "inner"
    table.end("b")
    table.end("a")
    assert [told.agent for told in recorded] == ["inner", "outer"]


def test_many_threads_may_be_inside_at_once(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    ready = threading.Barrier(8)

    def work() -> None:
        with table.inside("a"):
            ready.wait(5)
        assert (otel.get_current(), scope.OPEN.get()) == ({}, None)
        with Tool():
            pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    table.end("a")
    assert [parent(told) for told in recorded] == [0] * 9


def test_a_run_is_the_run_of_what_is_inside(recorded: Recording, table: Runs) -> None:
    run = Run()
    run.run_id = "r"
    table.open("a", run)
    with table.inside("a"):
        table.open("b", agent("one"), "a")
    table.end("b")
    table.end("a")
    assert (recorded[0].run, recorded[0].run_id, scope.RUN.get()) == (run, "r", None)


def test_a_reply_is_read(recorded: Recording, table: Runs) -> None:
    table.open("a", ToolCall(), wire=tools, body={"name": "lookup"})
    table.end("a", reply=type("Message", (), {})())
    (told,) = recorded
    assert (told.tool, told.error_type) == ("lookup", None)


def test_what_the_app_closes_has_not_failed(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    table.end("a", GeneratorExit())
    assert [told.error_type for told in recorded] == [None]


def test_unknown_ids_are_nothing(recorded: Recording, table: Runs) -> None:
    table.end("a")
    table.enter("a")
    table.skip("b", "a")
    with table.inside("b"):
        assert scope.OPEN.get() is None
    assert list(recorded) == []


def test_what_never_ends_is_ended_with_the_process(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    runs.end_all()
    assert [told.error_type for told in recorded] == ["abandoned"]
    table.end("a")
    assert len(recorded) == 1


def test_what_never_ends_does_not_fill_the_memory(
    recorded: Recording, table: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_MOST", 20)
    for number in range(25):
        table.open(number, agent(str(number)))
        table.skip(-number - 1, number)
    assert len(table._told) <= 20 and len(table._untold) <= 20
    assert [told.agent for told in recorded][:2] == ["0", "1"]
    assert {told.error_type for told in recorded} == {"abandoned"}


def test_a_forked_child_ends_nothing_of_its_parents(recorded: Recording, table: Runs) -> None:
    table.open("a", agent("one"))
    runs._in_child()
    runs.end_all()
    assert list(recorded) == []
