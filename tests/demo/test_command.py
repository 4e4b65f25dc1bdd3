"""The command: what it prints, what it answers to the shell, and what it says when it cannot run."""

from __future__ import annotations

import argparse
import json
import math
import re
from pathlib import Path

import pytest
from otlp_receiver import Receiver, free_port

from tellmetry import names
from tellmetry.cli import demo
from tellmetry.demo import play
from tellmetry.demo.account import Account, Side, Sum
from tellmetry.demo.play import Played


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    demo.configure(parser)
    return demo.run(parser.parse_args(arguments))


@pytest.fixture
def unequal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Side()
    ours.told["gpt-4o-mini"] = Sum(calls=1)
    monkeypatch.setattr(play, "play", lambda scene, tell: Played(Account(Side(), ours), [], 1.0))


def test_json_for_programs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("--load", "5", "--json", "--store", str(tmp_path), "--seed", "2") == demo.EQUAL
    told = json.loads(capsys.readouterr().out)
    bill, ours = told["account"]["bill"], told["account"]["tellmetry"]
    assert told["account"]["equal"] and (bill["told"], bill["requests"]) == (ours["told"], ours["requests"])
    assert told["jobs"] == sum(told["results"].values()) == 5
    assert told["report"]["total"]["calls"] >= told["account"]["bill"]["total"]["calls"] > 0
    assert told["store"] == str(tmp_path) and list(tmp_path.glob("*.jsonl"))


def test_tables_for_people_and_pictures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pictures = tmp_path / "images"
    assert run("--load", "5", "--pictures", str(pictures)) == demo.EQUAL
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 100
    assert re.search(r"^ Equal: \d+ calls, [\d,]+ tokens and \$0\.\d{6} on both sides", printed.rstrip().splitlines()[-1])
    for name, word in (("demo.svg", "Equal"), ("report.svg", "Guardrails")):
        drawn = (pictures / name).read_text()
        assert drawn.startswith("<svg") and word in drawn
        assert not re.search(r"url\(.?http|@import|@font-face", drawn), "a picture asks no server for anything"


def test_a_difference_is_said_and_the_shell_hears_of_it(unequal: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == demo.DIFFERENT
    printed = capsys.readouterr().out
    assert "gpt-4o-mini calls: 0 on the bill, 1 recorded" in printed
    assert printed.rstrip().splitlines()[-1].strip().startswith("Not equal")
    assert run("--json") == demo.DIFFERENT
    assert json.loads(capsys.readouterr().out)["account"]["equal"] is False


def test_missing_clients_are_one_clear_sentence(monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None if name == "anthropic" else True)
    assert run() == demo.BROKEN
    (said,) = capsys.readouterr().err.splitlines()
    assert "not installed: anthropic." in said and 'pip install "tellmetry[demo]"' in said


def test_an_endpoint_without_sense_is_one_clear_sentence(monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318 what")
    assert run("--load", "1") == demo.BROKEN
    assert "the demo did not run" in capsys.readouterr().err


def test_spans_go_on_to_the_endpoint_and_the_account_stays_exact(monkeypatch, capsys) -> None:
    with Receiver() as receiver:
        for name, value in receiver.env.items():
            monkeypatch.setenv(name, value)
        assert run("--load", "4", "--json") == demo.EQUAL
        told = json.loads(capsys.readouterr().out)
        arrived = receiver.wait(told["sent"])
    assert told["sent"] == told["report"]["spans"] == len({span.span_id for span in arrived}) == len(arrived)
    costs = [span.attributes.get(names.COST_USD, 0.0) for span in arrived if span.operation in names.MODEL_OPERATIONS]
    assert math.fsum(costs) == pytest.approx(told["report"]["total"]["cost_usd"], rel=1e-12)
    assert told["sent_to"].startswith(receiver.url) and told["trouble"] is None


def test_an_endpoint_that_is_away_is_said_and_the_account_stays_exact(monkeypatch, capsys) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    assert run("--load", "2", "--burst", "guardrail") == demo.EQUAL
    printed = " ".join(capsys.readouterr().out.split())
    assert "0 spans went on to http://127.0.0.1:" in printed and "the rest did not" in printed
    assert "Meanwhile replies promise too much" in printed


def test_a_store_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run("--load", "1", "--store", str(tmp_path / "file")) != demo.EQUAL
    captured = capsys.readouterr()
    assert "tellmetry: " in captured.out + captured.err


@pytest.mark.parametrize("wrong", [("--load", "0"), ("--seconds", "-1"), ("--rate", "inf"), ("--burst", "none")])
def test_options_that_make_no_sense_are_refused(wrong: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*wrong)
    assert stopped.value.code == 2
