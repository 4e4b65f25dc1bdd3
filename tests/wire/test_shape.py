"""One look at dicts and model objects alike, and versions of prompts that mean the same everywhere."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any

import pydantic
import pytest

from tellmetry.wire import shape


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    known: int = 1


class Colour(enum.Enum):
    RED = "red"


def test_fields_of_anything() -> None:
    given = {"a": 1}
    assert shape.fields(given) is given
    assert shape.fields(SimpleNamespace(a=1)) == {"a": 1}
    assert [dict(shape.fields(none)) for none in (None, 7, "text", [1])] == [{}, {}, {}, {}]


def test_fields_that_the_class_does_not_know() -> None:
    model = Model(known=2, new=3)  # type: ignore[call-arg]
    assert shape.fields(model) == {"known": 2}
    assert shape.all_fields(model) == {"known": 2, "new": 3}
    assert shape.all_fields({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(("given", "count"), [(0, 0), (7, 7), (7.0, 7), (7.5, None), (-1, None), (True, None), ("7", None), (None, None), (float("nan"), None), (float("inf"), None)])
def test_count(given: Any, count: int | None) -> None:
    assert shape.count(given) == count


@pytest.mark.parametrize(("given", "number"), [(0, 0.0), (-1.5, -1.5), (True, None), ("1", None), (None, None)])
def test_number(given: Any, number: float | None) -> None:
    assert shape.number(given) == number


@pytest.mark.parametrize(("given", "text"), [("a", "a"), ("", None), (None, None), (7, None), (Colour.RED, "red"), ({"a": 1}, None)])
def test_text(given: Any, text: str | None) -> None:
    assert shape.text(given) == text


def test_items() -> None:
    assert [list(shape.items(given)) for given in ([1], (1,), None, "ab", {"a": 1}, 7)] == [[1], [1], [], [], [], []]


def test_length_at_any_depth() -> None:
    content = [
        {"role": "user", "content": "four"},
        {"role": "user", "content": [{"type": "text", "text": "five5"}, {"type": "image_url", "image_url": {"url": "x" * 99}}]},
        SimpleNamespace(content="sixsix"),
        {"type": "function_call", "arguments": "{}"},
        None,
    ]
    assert shape.length(content) == 4 + 5 + 6 + 2


TOOLS = [{"name": "lookup", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}]


def test_a_version_is_the_same_for_the_same_prompt() -> None:
    version = shape.fingerprint(["Be brief."], TOOLS)
    assert version == shape.fingerprint(["Be brief."], [dict(reversed(TOOLS[0].items()))])
    assert version is not None and version.startswith("auto:") and len(version) == 13
    assert shape.fingerprint(["Be brief!"], TOOLS) != version
    assert shape.fingerprint(["Be brief."], None) != version


def test_a_version_is_the_same_on_every_machine() -> None:
    assert shape.fingerprint(["Be brief."], None) == "auto:cc206422"


def test_nothing_to_name_has_no_version() -> None:
    assert shape.fingerprint([], None) is None
    assert shape.fingerprint(None, []) is None


def test_a_version_of_what_json_does_not_know() -> None:
    class Odd: ...

    given = [{"type": "text", "text": "a", "at": Odd()}], [Model(known=5)]
    assert shape.fingerprint(*given) == shape.fingerprint(*given)
    assert shape.fingerprint(["\ud800"], None) is not None


def test_remembers_a_bounded_number() -> None:
    for number in range(1000):
        shape.fingerprint([f"prompt {number}"], None)
    assert len(shape._versions) <= shape._REMEMBERED
