"""What is committed is what the source renders, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dashboards.source.__main__ import BOARDS, HOME, rendered
from dashboards.source.board import COMMAND

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", rendered(), ids=lambda path: str(path.relative_to(HOME)))
def test_the_committed_file_equals_the_rendered_one(path: Path) -> None:
    assert path.exists(), f"render it: {COMMAND}"
    assert path.read_text() == rendered()[path], f"{path.relative_to(ROOT)} is out of date; render it: {COMMAND}"


def test_nothing_lies_about_that_the_source_does_not_render() -> None:
    rules = set(HOME.glob("rules/**/*.yaml")) - {HOME / "rules" / "contracts.yaml"}
    assert set(HOME.glob("*.json")) | rules == set(rendered())


def test_rendering_is_the_same_in_another_process() -> None:
    """Sets and hashes must not leak into the order of anything."""
    code = "from dashboards.source.__main__ import rendered; import hashlib; print(hashlib.sha256(repr(sorted(rendered().items())).encode()).hexdigest())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1


def test_boards_are_sorted_json_that_a_person_can_diff() -> None:
    for board in BOARDS:
        text = board.text()
        assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
