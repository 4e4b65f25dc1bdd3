"""Every reader on bodies as the providers document them: what is recorded, and what it cost by their own price formula."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tellmetry import names, wire
from tellmetry.emit import totals
from tellmetry.record import Guardrail, ModelCall, Retrieval, ToolCall
from tellmetry.settings import Settings

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['says']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text())
]


_KINDS = {names.OP_RETRIEVAL: Retrieval, names.OP_GUARDRAIL: Guardrail, names.OP_TOOL: ToolCall}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # some prices are lower at night


@pytest.fixture(scope="module", autouse=True)
def _prices() -> None:
    totals.configure(Settings())


def told(case: dict[str, Any]) -> Any:
    """Read a case as the engine would; `notes` are what is heard inside a check before it has its result."""
    reader = importlib.import_module(f"tellmetry.wire.{case['wire']}")
    call: Any = _KINDS.get(reader.OPERATION, ModelCall)()
    call.operation, call.provider = reader.OPERATION, case.get("provider")
    call.started_ns = int(NOON.timestamp()) * 10**9
    reader.request(call, case["request"])
    for note, heard in case.get("notes", ()):
        getattr(reader, note)(call, heard)
    for chunk in case.get("chunks", ()):
        reader.chunk(call, chunk)
    if "reply" in case:
        reader.reply(call, case["reply"])
    totals.price(call)
    return call


def test_every_reader_has_cases() -> None:
    """But for the one of documents, which reads objects of the frameworks: it has tests of its own."""
    found = {path.stem for path in Path(wire.__path__[0]).glob("*.py")}
    readers = {name for name in found if hasattr(importlib.import_module(f"tellmetry.wire.{name}"), "reply")}
    assert readers - {"documents"} == {case.values[0]["wire"] for case in CASES}


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    call = told(case)
    said = {name: _plain(getattr(call, name)) for name in case["record"]}
    assert said == case["record"]
    if "usd" in case:
        assert call.cost_usd == (None if case["usd"] is None else pytest.approx(float(case["usd"]), rel=1e-12))


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", CASES)
def test_a_body_of_anything_is_read_without_an_error(case: dict[str, Any]) -> None:
    """A provider that renames or empties its fields gives less, never an error."""
    for spoilt in (_emptied, _renamed):
        told({**case, **{part: spoilt(case[part]) for part in ("notes", "reply", "chunks") if part in case}})


def _emptied(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _emptied(value) if isinstance(value, (dict, list)) else None for key, value in node.items()}
    return [_emptied(one) for one in node] if isinstance(node, list) else node


def _renamed(node: Any) -> Any:
    if isinstance(node, dict):
        return {f"new_{key}": _renamed(value) for key, value in node.items()}
    return [_renamed(one) for one in node] if isinstance(node, list) else node
