"""A client that another package brings: found by its entry point, kept to the same contract, as CONTRIBUTING says."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx")

from canaries import KEY  # noqa: E402
from contract import Contract  # noqa: E402
from driving import App, Mode  # noqa: E402
from recording import Recording, recording  # noqa: E402
from subject import Options, Subject  # noqa: E402

from tellmetry import guard  # noqa: E402
from tellmetry.clients import elsewhere  # noqa: E402

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "acme"


def install(where: Path, **points: str) -> Path:
    """Lay down what an installer leaves of a package's entry points."""
    about = where / "acme_telemetry-1.0.dist-info"
    about.mkdir()
    entries = "\n".join(f"{name} = {target}" for name, target in points.items())
    (about / "entry_points.txt").write_text(f"[console_scripts]\nacme = acme:main\n\n[tellmetry.clients]\n{entries}\n")
    return where


@pytest.fixture(autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example as users would install it."""
    points = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"]["tellmetry.clients"]
    monkeypatch.syspath_prepend(str(ROOT / "tests"))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(install(tmp_path_factory.mktemp("site"), **points)))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] in ("acme", "acme_telemetry")]:
        del sys.modules[name]


def build(provider: Any, waits: bool, options: Any) -> Any:
    from acme import chat

    return (chat.AsyncChat if waits else chat.Chat)(f"{provider.at('telling')}/v1", KEY, options.timeout_s)


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "acme-1", "messages": [{"role": "user", "content": text}], **more}


class TestAcme(Contract):
    subject = Subject(
        ("acme.chat",),
        build,
        {
            "chat": Mode(lambda c, text: c.create(**ask(text))),
            "chat stream": Mode(lambda c, text: c.create(**ask(text, stream=True)), streams=True),
        },
        lacks=frozenset(("retried", "given up", "status")),
        dropped="closed",
        name="acme",
        fresh=True,
    )

    test_patched_places_look_as_before = None  # which looks the client up in the catalogue


def test_contributing_shows_the_example() -> None:
    """The file that CONTRIBUTING tells people to write is the one that is tested here."""
    assert indented(EXAMPLE / "acme_telemetry.py") in (ROOT / "CONTRIBUTING.md").read_text()


def indented(path: Path) -> str:
    """Give a file as it stands in a list item of a page."""
    return "".join(f"   {line}" if line.strip() else line for line in path.read_text().splitlines(keepends=True))


def test_it_may_be_there_before_us(app: App, arm: Callable[[], Recording]) -> None:
    """`enable()` by code comes late: a client that has been imported is armed at once."""
    importlib.import_module("acme.chat")
    recorded = arm()
    build(app.provider, False, Options()).create(**ask("How are you?"))
    assert (recorded.call.client, recorded.call.provider, recorded.call.model) == ("acme", "acme", "acme-1")


def test_it_may_be_skipped(app: App, tmp_path: Path) -> None:
    with recording(tmp_path, skip=frozenset(("acme",))) as recorded:
        build(app.provider, False, Options()).create(**ask("How are you?"))
    assert recorded == []


@pytest.mark.parametrize("target", ["acme_telemetry:NOTHING", "acme_telemetry", "no_such_module:CLIENT", "json:dumps"])
def test_a_wrong_entry_point_is_one_line(target: str, tmp_path: Path, monkeypatch: Any, capfd: Any) -> None:
    """The app's import works, and what is wrong is said."""
    monkeypatch.setattr(sys, "path", [str(install(tmp_path, acme=target)), *sys.path])
    with recording(tmp_path / "store", strict=False):
        importlib.import_module("acme.chat")
        assert guard.lost
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("tellmetry: ")


def test_doctor_sees_it() -> None:
    """The process that `doctor` asks tells of it as of the catalogue's clients, which are not all imported here."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path)), "TELLMETRY": "local"}
    alone = "from tellmetry.doctor import sight; sight.CATALOGUE = (); sight.main()"
    told = subprocess.run([sys.executable, "-c", alone], env=env, capture_output=True, text=True, check=True)
    (line,) = [line for line in told.stdout.splitlines() if '"client": "acme"' in line]
    assert json.loads(line.removeprefix("sight "))["package"] == "acme-sdk"


def test_files_that_are_none(tmp_path: Path) -> None:
    """Folders that are gone, packages without entry points, groups of others, bytes that are no text: nothing found."""
    (tmp_path / "a-1.dist-info").mkdir()
    (tmp_path / "b-1.dist-info").mkdir()
    (tmp_path / "b-1.dist-info" / "entry_points.txt").write_bytes(b"[tellmetry.clientsx]\n\xff = x:y\n[other]\na = b:c\n")
    assert elsewhere.declared([str(tmp_path), str(tmp_path / "gone")]) == {}
