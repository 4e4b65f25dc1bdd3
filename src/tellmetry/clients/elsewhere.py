"""Clients that other packages bring, found by their entry point.

    [project.entry-points."tellmetry.clients"]
    acme = "acme_telemetry:CLIENT"

`acme` is the top-level package whose import is waited for. The files are read by hand: a process that imports no such
client would pay `importlib.metadata` ten times as much.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

_GROUP = "tellmetry.clients"


def declared(folders: Iterable[str]) -> dict[str, str]:
    """Give, by the package to wait for, where each client is declared (`module:attribute`); the first one counts."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in _installed(folder):
            for package, target in _entries(path):
                found.setdefault(package, target)
    return found


def _installed(folder: str) -> list[str]:
    try:
        names = os.listdir(folder or os.curdir)
    except OSError:
        return []
    about = [name for name in names if name.endswith((".dist-info", ".egg-info"))]
    return [os.path.join(folder, name, "entry_points.txt") for name in about]


def _entries(path: str) -> Iterator[tuple[str, str]]:
    """Give the entries of our group in one file; most packages have no file at all."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return
    if _GROUP not in text:
        return
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] ")
        elif group == _GROUP and "=" in line:
            package, _, target = line.partition("=")
            yield package.strip(), target.partition("[")[0].strip()
