"""Which clients are installed, whether in a version that is tested, and where their calls are seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tellmetry.clients.client import CALLS, numbers
from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line

_LONGEST_S = 120


def look(asked: Asked) -> Iterator[Line]:
    """Import each installed client in another process, armed, and say what was found."""
    told = _sighted(asked)
    installed = [one for one in told if one["version"] is not None]
    for one in installed:
        yield from _client(one)
    if not installed:
        names = ", ".join(one["package"] for one in told)
        yield Line(f"No client that we know is installed for {sys.executable}; we know {names}.", faults.NO_CLIENT)


def _sighted(asked: Asked) -> list[dict[str, Any]]:
    """Ask a process of its own, which may import, hang or crash as it likes; it tells one client a line."""
    command = [sys.executable, "-m", "tellmetry.doctor.sight"]
    environ = {**asked.environ, "TELLMETRY": "local", "OTEL_SDK_DISABLED": "false"}
    try:
        ran = subprocess.run(  # noqa: S603 - this very Python
            command, env=environ, capture_output=True, text=True, timeout=_LONGEST_S, check=False
        )
        output, ended = ran.stdout, f"the process ended with {ran.returncode}"
    except subprocess.TimeoutExpired as late:
        output = late.stdout.decode() if isinstance(late.stdout, bytes) else late.stdout or ""
        ended = f"it took longer than {_LONGEST_S} s"
    lines = [json.loads(line.removeprefix("sight ")) for line in output.splitlines() if line.startswith("sight ")]
    told = {line["client"]: line for line in lines}  # its last word: first what it is about to import, then what it saw
    for one in told.values():
        if one["error"] == "unfinished":
            one["error"] = ended
    return list(told.values())


def _client(one: dict[str, Any]) -> Iterator[Line]:
    name = f"{one['package']} {one['version']}"
    if one["skipped"]:
        yield Line(f"{name} is left alone, as TELLMETRY_SKIP asks.", note=True)
        return
    if one["error"]:
        says = f"{name} cannot be imported, {one['error']}: its calls cannot be seen. Reinstall it."
        yield Line(says, faults.CLIENT_BROKEN)
        return
    if not one["armed"]:
        says = f"{name} has none of the places where we see calls ({', '.join(one['missing'])}), so it is not recorded."
        yield Line(f"{says} Upgrade tellmetry, or install {one['package']} {one['tested'][-1]}.", faults.PLACES)
        return
    yield Line(f"{name}{_range(one)}: calls are seen at {_seen(one['armed'])}.")
    if one["missing"]:
        yield Line(f"{name} does not have {', '.join(one['missing'])}; its calls are told with less.", note=True)


def _seen(armed: dict[str, str]) -> str:
    """Name the choke point, or the methods where there is none, and what else is listened to."""
    main = next(role for role in (*CALLS, *armed.values()) if role in armed.values())
    places = ", ".join(place for place, role in armed.items() if role == main)
    beside = ", ".join(dict.fromkeys(role for role in armed.values() if role != main))
    return f"{'the choke point ' if main == CALLS[0] else ''}{places}" + (f"; beside it: {beside}" if beside else "")


def _range(one: dict[str, Any]) -> str:
    version, oldest, newest = (numbers(text) for text in (one["version"], one["tested"][0], one["tested"][-1]))
    if version > newest:
        return f" (newer than {one['tested'][-1]}, the newest we have tested)"
    if version < oldest:
        return f" (older than {one['tested'][0]}, the oldest we have tested)"
    return " (tested)"
