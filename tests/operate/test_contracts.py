"""A contracts file is read, each mistake in it is one sentence with its line, and runs take their owner from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from recording import Recording, recording

import tellmetry
from tellmetry import settings
from tellmetry.operate import contracts
from tellmetry.record import Evaluation

RIGHT = """\
[workflow.lead_triage]
owner = "ops"
metric = "correct_route_rate"
target = 0.92
fallback = "manual_review"
success_target = 0.995
max_seconds = 20
max_cost_usd = 0.05
daily_budget_usd = 50

[workflow."night shift"]
owner = "data"
"""


def written(where: Path, text: str) -> Path:
    path = where / "tellmetry.toml"
    path.write_text(text)
    return path


def test_a_right_file(tmp_path: Path) -> None:
    found = contracts.read(written(tmp_path, RIGHT))
    assert found.mistakes == ()
    triage, night = found.by_workflow["lead_triage"], found.by_workflow["night shift"]
    assert (triage.owner, triage.metric, triage.target, triage.fallback) == ("ops", "correct_route_rate", 0.92, "manual_review")
    assert (triage.success_target, triage.max_seconds, triage.max_cost_usd, triage.daily_budget_usd) == (0.995, 20, 0.05, 50)
    assert night == contracts.Contract(workflow="night shift", owner="data")


def test_the_example_of_the_docstring_and_the_demos_are_right(tmp_path: Path) -> None:
    assert contracts.__doc__ is not None
    example = written(tmp_path, contracts.__doc__.split("\n\n", 1)[1])
    demo = Path(contracts.__file__).parents[1] / "demo" / "acme" / "tellmetry.toml"
    assert contracts.read(example).mistakes == contracts.read(demo).mistakes == ()


OWNED = '[workflow.a]\nowner = "ops"\n'
MISTAKES = {
    "": "has no contract; begin one with [workflow.NAME].",
    "workflow = 3": "has no contract; begin one with [workflow.NAME].",
    f"colour = 1\n{OWNED}": ", line 1: colour is not known here; contracts stand in [workflow.NAME] tables.",
    f"{OWNED}[budget]\n": ", line 3: budget is not known here; contracts stand in [workflow.NAME] tables.",
    "[workflow]\na = 1": ", line 2: a is not a table; write [workflow.a] and its keys below.",
    "[workflow.a]\n": ", line 1: [workflow.a] has no owner, so that nobody would be told; add it.",
    '[workflow.a]\nowner = " "': """, line 2: [workflow.a] owner = ' ' is no name; write text, for example "ops".""",
    "[workflow.a]\nowner = 7": ', line 2: [workflow.a] owner = 7 is no name; write text, for example "ops".',
    '[workflow.a]\nowner = "jane@example.com"': "write a short plain name, not an address or a key.",
    '[workflow."jane@example.com"]\nowner = "ops"': "has a name that spans do not carry as it is; use a short plain one.",
    f'{OWNED}metric = "m"': "[workflow.a] has no target for its metric; add it.",
    f"{OWNED}target = 0.9": "[workflow.a] has no metric for its target; add it.",
    f'{OWNED}max_seconds = "20"': ", line 3: [workflow.a] max_seconds = '20' is no number above 0; write one without quotes.",
    f"{OWNED}max_cost_usd = 0": "[workflow.a] max_cost_usd = 0 is no number above 0; write one without quotes.",
    f"{OWNED}daily_budget_usd = true": "daily_budget_usd = True is no number above 0; write one without quotes.",
    f"{OWNED}daily_budget_usd = inf": "daily_budget_usd = inf is no number above 0; write one without quotes.",
    f"{OWNED}success_target = 99": "[workflow.a] success_target = 99 is no share below 1; write one, for example 0.99.",
    f"{OWNED}budget = 3": ", line 3: [workflow.a] budget is not known; use owner, metric, target, fallback, success_target, ",
    '[workflow.b]\nowner = "x"\n\n[workflow.a]\nowner = 1': ", line 5: [workflow.a] owner = 1 is no name",
    f"{OWNED}max_seconds = \n": "is not valid TOML: Invalid value (at line 3, column 15); correct that place.",
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text.replace("\n", " ")[:40] or "empty")
def test_a_mistake_is_one_sentence_with_its_place(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    (mistake,) = contracts.read(path).mistakes
    assert mistake.startswith(str(path))
    assert MISTAKES[text] in mistake
    assert mistake.count("\n") == 0


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (gone,) = contracts.read(tmp_path / "none.toml").mistakes
    assert gone.endswith("cannot be read (No such file or directory); correct the path or its permissions.")
    written(tmp_path, "").write_bytes(b"\xff\xfe")
    assert contracts.read(tmp_path / "tellmetry.toml").mistakes[0].endswith("is not UTF-8 text; save it as UTF-8.")


def test_all_mistakes_are_told_and_right_contracts_stay(tmp_path: Path) -> None:
    found = contracts.read(written(tmp_path, f"{RIGHT}[workflow.a]\nmax_seconds = 0\ncolour = 1\n"))
    assert len(found.mistakes) == 3
    assert set(found.by_workflow) == {"lead_triage", "night shift"}


def test_runs_and_scores_take_what_they_do_not_say_from_the_contract(tmp_path: Path) -> None:
    with recording(tmp_path, contracts=written(tmp_path, RIGHT)) as told:
        with tellmetry.workflow("outer", owner="root"), tellmetry.workflow("lead_triage"):
            tellmetry.evaluation("correct_route_rate", 1.0)
            tellmetry.evaluation("another", 1.0)
            tellmetry.evaluation("correct_route_rate", 1.0, target=0.5)
        with tellmetry.workflow("lead_triage", owner="mine"):
            pass
        with tellmetry.workflow("unknown"):
            pass
    assert [run.owner for run in told.runs] == ["ops", "root", "mine", None]
    assert [one.target for one in told if isinstance(one, Evaluation)] == [0.92, None, 0.5]


def test_the_file_in_the_working_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, RIGHT)
    monkeypatch.chdir(tmp_path)
    with recording(tmp_path) as told, tellmetry.workflow("night shift"):
        pass
    assert told.runs[0].owner == "data"


@pytest.mark.parametrize(
    ("text", "says"), [("[workflow.a]", "It is passed over; see"), ("x = 1\ny = 1", "There are 3 mistakes; see"), (None, "cannot be read")]
)
def test_a_bad_file_is_said_once_and_does_no_harm(
    text: str | None, says: str, tmp_path: Path, recorded: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "none.toml" if text is None else written(tmp_path, text)
    read = settings.active()
    assert read is not None
    settings.activate(replace(read, contracts=asked))
    for _ in range(2):
        with tellmetry.workflow("a"):
            pass
    assert [run.owner for run in recorded.runs] == [None, None]
    err = capsys.readouterr().err
    assert err.count("tellmetry: ") == 1
    assert says in err
    assert "tellmetry contracts check" in err


def test_inert_while_nothing_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, RIGHT)
    monkeypatch.chdir(tmp_path)
    assert contracts.of("lead_triage") is None
