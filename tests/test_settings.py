"""Every environment variable: what it takes, what it does with the rest, and that it is read in one place only."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tellmetry
from tellmetry import settings
from tellmetry.settings import Settings

VARIABLES = {one.metadata["variable"]: one for one in dataclasses.fields(Settings)}


@pytest.fixture
def read():
    """Read an environment; give the settings and what was said."""

    def read(**environ):
        said = []
        return settings.read(environ, said.append), said

    return read


def test_nothing_set_is_off_and_silent(read):
    found, said = read(PATH="/bin", OTEL_SERVICE_NAME="x")
    assert found == Settings()
    assert (found.mode, found.armed, said) == ("off", False, [])


@pytest.mark.parametrize(
    ("text", "mode"),
    [("on", "on"), ("ON", "on"), (" on ", "on"), ("1", "on"), ("true", "on"), ("True", "on"), ("local", "local"), ("Local", "local"),
     ("off", "off"), ("0", "off"), ("false", "off"), ("", "off"), ("  ", "off")],
)  # fmt: skip
def test_modes(read, text, mode):
    found, said = read(TELLMETRY=text)
    assert (found.mode, found.armed, said) == (mode, mode != "off", [])


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("TELLMETRY_STORE", "/var/x", "store", Path("/var/x")),
        ("TELLMETRY_STORE", "~/x", "store", Path("~/x").expanduser()),
        ("TELLMETRY_STORE", "", "store", Settings().store),
        ("TELLMETRY_STORE_BYTES", "1000", "store_bytes", 1000),
        ("TELLMETRY_STORE_DAYS", "0.5", "store_days", 0.5),
        ("TELLMETRY_PRICES", "p.toml", "prices", Path("p.toml")),
        ("TELLMETRY_PRICES", "", "prices", None),
        ("TELLMETRY_STRICT", "on", "strict", True),
        ("TELLMETRY_STRICT", "OFF", "strict", False),
        ("TELLMETRY_SKIP", "openai, mcp,,", "skip", ("openai", "mcp")),
        ("TELLMETRY_FLUSH_S", "0", "flush_s", 0.0),
        ("TELLMETRY_EXIT_S", " 2 ", "exit_s", 2.0),
        ("TELLMETRY_QUEUE", "1", "queue", 1),
        ("TELLMETRY_STRICT", "1", "strict", True),
    ],
)
def test_values(read, name, text, field, value):
    found, said = read(**{name: text})
    assert (getattr(found, field), said) == (value, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [("TELLMETRY", "yes"), ("TELLMETRY", "onn"), ("TELLMETRY_STORE_BYTES", "1 GB"), ("TELLMETRY_STORE_BYTES", "0"), ("TELLMETRY_STORE_BYTES", "-1"),
     ("TELLMETRY_STORE_DAYS", "a week"), ("TELLMETRY_STORE_DAYS", "nan"), ("TELLMETRY_STORE_DAYS", "-1"), ("TELLMETRY_FLUSH_S", "inf"),
     ("TELLMETRY_EXIT_S", ""), ("TELLMETRY_QUEUE", "1.5"), ("TELLMETRY_STRICT", "yes please"), ("TELLMETRY_STORE", "~no_such_user/x"), ("TELLMETRY_STRICT", "2")],
)  # fmt: skip
def test_a_value_that_is_none_is_one_sentence_and_the_default(read, name, text):
    found, said = read(**{name: text, "TELLMETRY_SKIP": "kept"})
    (sentence,) = said
    assert sentence.startswith(f"{name}={text!r} is not understood: ")
    assert sentence.endswith("Nothing is recorded." if name == "TELLMETRY" else "The default is used.")
    one = VARIABLES[name]
    assert getattr(found, one.name) == getattr(Settings(), one.name)
    assert found.skip == ("kept",), "the others stand"


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=12)))
def test_whatever_the_environment_holds_settings_can_be_read(environ):
    said = []
    found = settings.read(environ, said.append)
    assert len(said) <= len(environ)
    assert found.mode in settings.MODES
    assert found.queue >= 1
    assert 0 <= found.flush_s < float("inf")
    assert found.store_bytes >= 1


def test_it_is_said_on_stderr_and_never_raises(capsys, monkeypatch):
    settings.read({"TELLMETRY": "maybe"})
    assert capsys.readouterr().err == "tellmetry: TELLMETRY='maybe' is not understood: use on, local or off. Nothing is recorded.\n"
    monkeypatch.setattr("sys.stderr", None)  # as in a windowed program
    settings.read({"TELLMETRY": "maybe"})


@pytest.mark.parametrize(("field", "variable"), [("store", "XDG_STATE_HOME"), ("cache", "XDG_CACHE_HOME")])
def test_directories_are_where_the_system_keeps_such_things(monkeypatch, tmp_path, field, variable):
    monkeypatch.setenv(variable, str(tmp_path))
    assert getattr(Settings(), field) == tmp_path / "tellmetry"
    monkeypatch.delenv(variable)
    assert getattr(Settings(), field).is_relative_to(Path.home())


def test_every_field_has_a_variable_a_parser_and_a_sentence():
    assert len(VARIABLES) == len(dataclasses.fields(Settings))
    for variable, one in VARIABLES.items():
        assert variable == "TELLMETRY" or variable == f"TELLMETRY_{one.name.upper()}"
        assert callable(one.metadata["parse"])
        assert re.fullmatch(r"[A-Z`].*[.)]", one.metadata["says"]), variable


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().mode = "on"


def test_no_variable_of_ours_is_read_elsewhere():
    """But for the switch itself, which is looked at before anything may be imported."""
    first = {"boot.py", "site/sitecustomize.py"}
    for path in Path(tellmetry.__file__).parent.rglob("*.py"):
        text = path.read_text()
        if not path.name == "settings.py" and not any(str(path).endswith(name) for name in first):
            assert not re.search(r"environ(\.get\(|\[)\s*[\"']TELLMETRY", text), path
