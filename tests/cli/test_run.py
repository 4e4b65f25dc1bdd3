"""`tellmetry run`: the same command, armed, also where no `.pth` line is read."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest
from program import environment, stored

import tellmetry
from tellmetry.cli.run import _SITE
from tellmetry.cli.run import environment as armed

TELL = "import os, sys; print(os.environ.get('TELLMETRY'), 'tellmetry.boot' in sys.modules, sys.argv[1:]); sys.exit(7)"
SOURCE = str(Path(tellmetry.__file__).parents[1])


def tellmetry_run(*command, stdin=None, **env):
    return subprocess.run(
        [sys.executable, "-m", "tellmetry", "run", *command], env=environment(**env), capture_output=True, text=True, check=False, input=stdin
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python that has never heard of us."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, symlinks=True)
    return str(home / "bin" / "python")


def test_arguments_exit_code_and_streams_are_the_commands():
    ran = tellmetry_run(sys.executable, "-c", TELL, "-x", "--json", "a b", "--", "run")
    assert (ran.returncode, ran.stdout, ran.stderr) == (7, "on True ['-x', '--json', 'a b', '--', 'run']\n", "")
    ran = tellmetry_run("--", "sh", "-c", "cat; exit 4", stdin="through")
    assert (ran.returncode, ran.stdout) == (4, "through")


def test_a_mode_that_is_set_stays():
    for mode, is_armed in (("local", True), ("off", False)):
        ran = tellmetry_run(sys.executable, "-c", TELL, TELLMETRY=mode)
        assert ran.stdout == f"{mode} {is_armed} []\n"
        assert ran.stderr == ""


def test_a_mode_that_is_none_is_said_once_and_the_command_runs():
    ran = tellmetry_run(sys.executable, "-c", "print('ran')", TELLMETRY="maybe")
    assert (ran.returncode, ran.stdout) == (0, "ran\n")
    lines = [line for line in ran.stderr.splitlines() if line.startswith("tellmetry")]
    assert len(lines) == len(ran.stderr.splitlines()) == 2, "once by the command line itself, once by the command"


def test_a_python_without_the_line_is_armed(bare, tmp_path):
    """As after `pip install --target`: importable, but no `.pth` file is read there."""
    ran = tellmetry_run(bare, "-c", TELL, PYTHONPATH=SOURCE)
    assert (ran.returncode, ran.stdout) == (7, "on True []\n")


def test_a_python_that_cannot_import_us_runs_and_says_so(bare):
    ran = tellmetry_run(bare, "-c", TELL)
    assert (ran.returncode, ran.stdout) == (7, "on False []\n")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("tellmetry: not installed for ")
    assert "install it in that environment" in line
    assert tellmetry_run(bare, "-c", TELL, TELLMETRY="off").stderr == ""


def test_children_of_the_command_are_armed_too(bare):
    code = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {TELL!r}]))"
    ran = tellmetry_run(bare, "-c", code, PYTHONPATH=SOURCE)
    assert (ran.returncode, ran.stdout) == (7, "on True []\n")


def test_the_sitecustomize_that_is_hidden_runs(bare, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.customized = __file__\n")
    code = "import sys; import sitecustomize; print(sys.customized == sitecustomize.__file__, sys.customized)"
    ran = tellmetry_run(bare, "-c", code, PYTHONPATH=str(tmp_path))
    assert ran.stdout == f"True {tmp_path / 'sitecustomize.py'}\n"


def test_a_sitecustomize_that_fails_fails_as_it_would_without_us(bare, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("raise RuntimeError('theirs')\n")
    alone = subprocess.run([bare, "-c", "print(1)"], env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, text=True, check=False)
    ran = tellmetry_run(bare, "-c", "print(1)", PYTHONPATH=str(tmp_path), TELLMETRY="off")
    assert (ran.returncode, ran.stdout) == (alone.returncode, alone.stdout)
    assert "RuntimeError: theirs" in ran.stderr


def test_a_path_of_the_users_stays_behind_ours():
    assert armed({"PYTHONPATH": "/a:/b"})["PYTHONPATH"] == f"{_SITE}:/a:/b"
    assert armed({})["PYTHONPATH"] == str(_SITE)
    assert armed({"PATH": "/bin"}) == {"TELLMETRY": "on", "PATH": "/bin", "PYTHONPATH": str(_SITE)}


@pytest.mark.parametrize(("command", "code", "says"), [(["no-such-command"], 127, "no command"), (["/"], 126, "Permission denied"), ([], 2, "for example")])
def test_no_command(command, code, says):
    ran = tellmetry_run(*command)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (code, 1)
    assert says in ran.stderr


def test_an_unchanged_program_is_recorded(tmp_path, provider):
    script = tmp_path / "app.py"
    script.write_text(
        "import os, openai\n"
        "client = openai.OpenAI(base_url=os.environ['BASE'], api_key='k')\n"
        "client.chat.completions.create(model='gpt-4o-mini', messages=[{'role': 'user', 'content': 'hi'}])\n"
    )
    ran = tellmetry_run(sys.executable, str(script), TELLMETRY="local", TELLMETRY_STORE=str(tmp_path / "store"), BASE=provider.openai_url)
    assert (ran.returncode, ran.stderr) == (0, "")
    (span,) = stored(tmp_path / "store")
    assert span.name == "chat gpt-4o-mini"
