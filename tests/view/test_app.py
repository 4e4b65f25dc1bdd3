"""The window, driven as a person would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual")

from textual.widgets import DataTable, Tree  # noqa: E402
from view.spans import ALL  # noqa: E402

from tellmetry import cli, names  # noqa: E402
from tellmetry.emit import otlp_json, spool  # noqa: E402
from tellmetry.view.app import View  # noqa: E402
from tellmetry.view.traces import trees  # noqa: E402


def labels(tree: Tree[Any]) -> list[str]:
    return [str(node.label) for node in tree.root.children]


async def test_a_run_its_calls_and_what_they_say() -> None:
    async with View(lambda: trees(ALL)).run_test() as pilot:
        tree = pilot.app.query_one(Tree)
        later, run = labels(tree)
        assert later.endswith("chat gpt-4o-mini  2.00s  $0.25")
        assert "invoke_workflow lead_triage" in run
        assert run.endswith("manual_review")
        await pilot.press("down", "enter", "down")
        assert str(tree.cursor_node.label) == "chat gpt-4o-mini  2.00s  $0.50  1,200 + 34 tokens"
        table = pilot.app.query_one(DataTable)
        rows = {str(name): str(value) for name, value in (table.get_row_at(row) for row in range(table.row_count))}
        assert rows[names.INPUT_TOKENS] == "1200"


async def test_failures_only_and_back() -> None:
    async with View(lambda: trees(ALL)).run_test() as pilot:
        tree = pilot.app.query_one(Tree)
        await pilot.press("f")
        assert len(labels(tree)) == 1
        assert pilot.app.sub_title == "1 of 1 failed traces"
        await pilot.press("f")
        assert len(labels(tree)) == 2


async def test_reload() -> None:
    told: list[Any] = []
    async with View(lambda: trees(told)).run_test() as pilot:
        assert labels(pilot.app.query_one(Tree)) == []
        told.extend(ALL)
        await pilot.press("r")
        assert len(labels(pilot.app.query_one(Tree))) == 2


def test_the_command_opens_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"1{spool.SUFFIX}").write_text(otlp_json.dump(ALL, {}) + "\n")
    seen: list[int] = []
    monkeypatch.setattr(View, "run", lambda self: seen.append(len(self._read())))
    assert cli.main(["view", "--store", str(tmp_path)]) == 0
    assert seen == [2]


def test_an_empty_store_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["view", "--store", str(tmp_path)]) == 0
    assert capsys.readouterr().err.startswith(f"tellmetry: no spans in {tmp_path}.")


def test_without_textual_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setattr("tellmetry.cli.view.find_spec", lambda name: None)
    assert cli.main(["view"]) == 1
    assert "pip install 'tellmetry[view]'" in capsys.readouterr().err
