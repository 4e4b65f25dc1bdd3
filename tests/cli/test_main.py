"""The command line itself: every subcommand is there, thin, and costs nothing before it is asked for."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from program import environment

from tellmetry import cli
from tellmetry.cli import COMMANDS, main
from tellmetry.version import VERSION


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_row_is_a_module_with_configure_and_run(command, capsys):
    module = import_module(f"tellmetry.cli.{command.name}")
    assert list(inspect.signature(module.configure).parameters) == ["parser"]
    assert list(inspect.signature(module.run).parameters) == ["args"]
    with pytest.raises(SystemExit) as told:
        main([command.name, "--help"])
    assert told.value.code == 0
    assert "usage: tellmetry " + command.name in capsys.readouterr().out


def test_every_module_with_run_is_a_row():
    modules = {path.stem for path in Path(cli.__file__).parent.glob("*.py") if "\ndef run(" in path.read_text()}
    assert modules == {command.name for command in COMMANDS}


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as told:
        main(["--help"])
    assert told.value.code == 0
    out = " ".join(capsys.readouterr().out.split())
    for command in COMMANDS:
        assert f"{command.name} {command.says}" in out


def test_the_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"tellmetry {VERSION}\n"


@pytest.mark.parametrize("arguments", [[], ["none-such"], ["report", "--none-such"]])
def test_what_is_not_understood_is_2(arguments, capsys):
    with pytest.raises(SystemExit) as told:
        main(arguments)
    assert told.value.code == 2
    assert "usage: tellmetry" in capsys.readouterr().err


def test_it_is_installed_and_runs_as_a_module():
    for command in ([str(Path(sys.executable).with_name("tellmetry"))], [sys.executable, "-m", "tellmetry"]):
        ran = subprocess.run([*command, "--version"], env=environment(), capture_output=True, text=True, check=True)
        assert ran.stdout == f"tellmetry {VERSION}\n"


def test_help_imports_nothing_heavy():
    code = "import sys; from tellmetry.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert not loaded & {"rich", "opentelemetry", "opentelemetry.sdk", "grpc", "openai", "anthropic", "genai_prices", "tellmetry.emit"}


def test_a_reader_that_leaves_is_no_error(tmp_path):
    """`tellmetry doctor --codes | head -1` and the like."""
    code = "import sys; from tellmetry.cli import main; sys.exit(main(['doctor', '--codes'] ))"
    process = subprocess.Popen([sys.executable, "-u", "-c", code], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(20) == cli.BROKEN_PIPE
    assert err == ""


def test_an_interrupt_is_130(monkeypatch):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("tellmetry.cli.report.run", interrupted)
    assert main(["report"]) == 130
