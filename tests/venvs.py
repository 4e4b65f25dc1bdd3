"""Real virtual environments with tellmetry as users install it, kept outside the tree from one run to the next.

What tellmetry depends on is installed anew when that has changed, the package itself when its sources have.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
BESIDE = ("openai", "gunicorn", "celery")  # a client, and what runs workers of its own
_UV = shutil.which("uv")


def cache() -> Path:
    """Name the directory that keeps environments, beside the one that keeps built servers."""
    return Path(os.environ.get("TELLMETRY_VENVS") or "~/.cache/tellmetry/venvs").expanduser()


def wheel_uv() -> Path:
    """Give a Python in which uv has installed the wheel."""
    return _made("wheel-uv", uv=True, editable=False)


def wheel_pip() -> Path:
    """Give a Python made with `python -m venv`, in which pip has installed the wheel."""
    return _made("wheel-pip", uv=False, editable=False)


def editable_uv() -> Path:
    """Give a Python in which uv has installed this tree, editable."""
    return _made("editable-uv", uv=True, editable=True)


def _made(name: str, *, uv: bool, editable: bool) -> Path:
    tool = _Uv() if uv and _UV else _Pip()
    home = cache() / f"{name}-{tool.name}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = home / "bin" / "python"
    with _alone(name):
        dependencies = _wanted()
        if not _is(home / ".dependencies", dependencies):
            shutil.rmtree(home, ignore_errors=True)
            tool.make(home)
            tool.install(python, str(ROOT), *BESIDE)  # the package too, for what it depends on
            (home / ".dependencies").write_text(dependencies)
            (home / ".package").unlink(missing_ok=True)
        package = f"{_digest([ROOT / 'pyproject.toml', SOURCE / 'tellmetry.pth'])} of {ROOT}" if editable else _digest(_files())
        if not _is(home / ".package", package):
            what = ["--editable", str(ROOT)] if editable else [str(wheel())]
            tool.install(python, "--no-deps", tool.again, *what)
            (home / ".package").write_text(package)
    return python


class _Uv:
    name, again = "uv", "--reinstall"

    def make(self, home: Path) -> None:
        _run(str(_UV), "venv", "--quiet", "--python", sys.executable, str(home))

    def install(self, python: Path, *what: str) -> None:
        _run(str(_UV), "pip", "install", "--quiet", "--python", str(python), *what)


class _Pip:
    name, again = "pip", "--force-reinstall"

    def make(self, home: Path) -> None:
        venv.create(home, with_pip=True, symlinks=True)

    def install(self, python: Path, *what: str) -> None:
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)


def wheel() -> Path:
    """Build the wheel of these sources, once."""
    home = cache() / f"wheel-{_digest(_files())}"
    with _alone("wheel"):
        if not home.is_dir():
            scratch = cache() / f".building-{os.getpid()}"
            if _UV:
                _run(str(_UV), "build", "--quiet", "--wheel", "--out-dir", str(scratch), str(ROOT))
            else:
                _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(scratch), str(ROOT))
            for old in cache().glob("wheel-????????????????"):
                shutil.rmtree(old, ignore_errors=True)
            scratch.rename(home)
    return next(home.glob("*.whl"))


def _wanted() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return hashlib.sha256(repr((sys.version, BESIDE, project["dependencies"])).encode()).hexdigest()[:16]


def _files() -> list[Path]:
    kept = (path for path in SOURCE.rglob("*") if path.is_file() and path.suffix not in (".pyc", ".pyo"))
    return [ROOT / "pyproject.toml", ROOT / "README.md", *sorted(kept)]


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _is(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text() == digest


@contextmanager
def _alone(name: str) -> Iterator[None]:
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TELLMETRY", "PYTHONPATH", "VIRTUAL_ENV"))}
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
