"""Arming wraps what is there, says what is not, and leaves alone what it is told to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import pytest
from recording import recording

from tellmetry import clients, guard
from tellmetry.clients import CATALOGUE, arming
from tellmetry.clients.client import Client, Hook, Place
from tellmetry.engine import patch


HERE = Path(clients.__file__).parent


def doubling(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    return wrapped(*args, **kwargs) * 2


def stub(**members: Any) -> ModuleType:
    module = ModuleType("stub")
    vars(module).update(members)
    return module


class Sub:
    def call(self) -> int:
        return 1


CLIENT = Client(
    "stub", "stub", ("1",), (Place("stub", "Sub.call", doubling, "attempts"), Place("stub", "ask", doubling))
)


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    yield
    patch.disarm()
    arming.forget()
    guard.forget()


def test_wraps_what_is_there_and_remembers_it() -> None:
    module = stub(Sub=Sub, ask=lambda: 3)
    arming.arm_module(CLIENT, module)
    assert (Sub().call(), module.ask()) == (2, 6)
    assert arming.armed == {"stub": ["stub:Sub.call", "stub:ask"]}
    assert arming.missing == {}


def test_a_module_that_bears_the_name_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    module = stub(Sub=Sub, ask=lambda: 3, __name__="other")
    monkeypatch.setitem(sys.modules, "stub", module)
    arming.arm_module(CLIENT, module)
    assert arming.armed == {"stub": ["stub:Sub.call", "stub:ask"]}


def test_a_version_without_a_place_is_told_with_less(capsys: pytest.CaptureFixture[str]) -> None:
    arming.arm_module(CLIENT, stub(ask=lambda: 3))
    assert arming.armed == {"stub": ["stub:ask"]}
    assert arming.missing == {"stub": ["stub:Sub.call"]}
    assert capsys.readouterr().err == ""


def test_a_newer_version_without_a_place_where_calls_pass_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    both = Client("stub", "pytest", ("1",), (Place("stub", "Sub.call", doubling), Place("stub", "ask", doubling)))
    arming.arm_module(both, stub(ask=lambda: 3))
    arming.arm_module(both, stub(ask=lambda: 3))
    (line,) = capsys.readouterr().err.splitlines()
    assert "Sub.call" in line


def test_a_version_without_any_place_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    arming.arm_module(CLIENT, stub())
    arming.arm_module(CLIENT, stub())
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "stub" in said
    assert sum(guard.lost.values()) == 2


def test_a_place_that_fails_takes_no_other_with_it() -> None:
    class Hostile(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise ZeroDivisionError

    module = Hostile("stub")
    module.ask = lambda: 3  # type: ignore[attr-defined]
    arming.arm_module(CLIENT, module)
    assert arming.armed == {"stub": ["stub:ask"]}
    assert guard.lost["arming a place"] == 1


def test_a_client_that_is_to_be_left_alone(tmp_path: Any) -> None:
    import openai

    with recording(tmp_path, skip=("openai",)):
        assert "openai" not in arming.armed
        assert openai._base_client is sys.modules["openai._base_client"]
        assert type(vars(openai._base_client.SyncAPIClient)["request"]) is type(stub)


def test_the_catalogue_names_files_that_are_there() -> None:
    from importlib import import_module

    for row in CATALOGUE:
        client = import_module(f"tellmetry.clients.{row.name}").CLIENT
        assert client.name == row.name
        places = {one.module for one in client.declared}
        assert set(row.modules) & places, row.name
        assert places <= set(row.modules), f"{row.name}: {places - set(row.modules)} would never be armed"


def test_a_client_is_one_small_file() -> None:
    sizes = [len((HERE / f"{row.name}.py").read_text().splitlines()) for row in CATALOGUE]
    assert median(sizes) <= 60
    assert max(sizes) <= 120


def test_a_hook_is_installed_and_taken_out_again() -> None:
    heard: list[str] = []
    client = Client("stub", "stub", ("1",), (), (Hook("stub", lambda module: lambda: heard.append(f"no {module.__name__}")),))
    arming.arm_module(client, stub())
    assert arming.armed == {"stub": ["stub:callbacks"]} and heard == []
    patch.disarm()
    patch.disarm()
    assert heard == ["no stub"]


def test_a_hook_that_fails_is_counted_and_leaves_the_rest() -> None:
    client = Client("stub", "stub", ("1",), (Place("stub", "ask", doubling),), (Hook("stub", lambda module: module.gone),))
    module = stub(ask=lambda: 3)
    arming.arm_module(client, module)
    assert module.ask() == 6
    assert (arming.armed, arming.missing) == ({"stub": ["stub:ask"]}, {"stub": ["stub:callbacks"]})
    assert guard.lost == {"installing a hook": 1}
