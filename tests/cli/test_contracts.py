"""`tellmetry contracts`: a file is right and becomes rules, or it is wrong and becomes none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tellmetry.cli import main
from tellmetry.cli.contracts import RIGHT, WRONG

FILE = '[workflow.a]\nowner = "ops"\nmax_seconds = 20\n\n[workflow.b]\nowner = "ops"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TELLMETRY_CONTRACTS", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tellmetry.toml").write_text(FILE)
    return tmp_path / "tellmetry.toml"


def test_a_right_file_is_said_to_be(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "check"]) == RIGHT
    assert capsys.readouterr() == ("tellmetry.toml: 2 contracts, all right.\n", "")


def test_the_variable_and_the_argument_name_another(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = file.with_name("wrong.toml")
    wrong.write_text("[workflow.a]")
    monkeypatch.setenv("TELLMETRY_CONTRACTS", str(wrong))
    assert main(["contracts", "check"]) == WRONG
    assert main(["contracts", "check", str(file)]) == RIGHT


def test_rules_are_printed_or_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "rules"]) == RIGHT
    printed = capsys.readouterr().out
    assert [rule["expr"] for rule in yaml.safe_load(printed)["groups"][0]["rules"]] == ["vector(20.0)"]
    out = file.with_name("contracts.yaml")
    assert main(["contracts", "rules", "--out", str(out)]) == RIGHT
    assert out.read_text() == printed


@pytest.mark.parametrize("act", ["check", "rules"])
def test_every_mistake_is_told_and_nothing_is_rendered(act: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"{FILE}max_seconds = 0\ncolour = 1\n")
    assert main(["contracts", act]) == WRONG
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["tellmetry", "tellmetry"]
    assert "tellmetry.toml, line 7: [workflow.b] max_seconds = 0 is no number" in err


def test_a_missing_file_and_a_place_that_cannot_be_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "rules", "--out", str(file.parent)]) == WRONG
    assert "cannot be written (Is a directory); give another path." in capsys.readouterr().err
    file.unlink()
    assert main(["contracts", "check"]) == WRONG
    assert "cannot be read (No such file or directory)" in capsys.readouterr().err
