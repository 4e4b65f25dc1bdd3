"""The mode, and every variable that is set and not at its default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches

from tellmetry import settings
from tellmetry.doctor import faults
from tellmetry.doctor.line import Asked, Line
from tellmetry.settings import Settings

_VARIABLES = tuple(one.metadata["variable"] for one in fields(Settings))
_MEANS = {
    "on": "spans go to the OTLP endpoint, and to disk while it is away",
    "local": "spans stay on this machine's disk",
}
_SECRET = ("HEADERS", "KEY")


def look(asked: Asked) -> Iterator[Line]:
    """Say what the environment asks for, and what in it is not understood."""
    complaints: list[str] = []
    read = settings.read(asked.environ, complaints.append)
    yield from _mode(read, complaints)
    for complaint in complaints:
        if not complaint.startswith("TELLMETRY="):
            yield Line(complaint, faults.SETTING)
    for name in sorted(asked.environ):
        if name.startswith("TELLMETRY_") and name not in _VARIABLES:
            yield Line(_unknown(name), faults.UNKNOWN)
    yield from _set(asked, read)


def _mode(read: Settings, complaints: list[str]) -> Iterator[Line]:
    wrong = [complaint for complaint in complaints if complaint.startswith("TELLMETRY=")]
    if wrong:
        yield Line(wrong[0], faults.MODE)
    elif not read.armed:
        yield Line("TELLMETRY does not say on, so nothing is recorded: set it to on or to local.", faults.OFF)
    else:
        yield Line(f"TELLMETRY={read.mode}: {_MEANS[read.mode]}.")


def _unknown(name: str) -> str:
    near = get_close_matches(name, _VARIABLES, 1)
    return f"{name} is no setting of ours" + (f"; did you mean {near[0]}?" if near else "; take it away.")


def _set(asked: Asked, read: Settings) -> Iterator[Line]:
    if asked.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        says = "OTEL_SDK_DISABLED=true switches us off with the rest of OpenTelemetry: unset it."
        yield Line(says, faults.SDK_DISABLED)
    for one in fields(Settings):
        if one.name != "mode" and getattr(read, one.name) != getattr(Settings(), one.name):
            yield Line(f"{one.metadata['variable']}={asked.environ[one.metadata['variable']]}", note=True)
    for name in sorted(asked.environ):
        if name.startswith(("OTEL_EXPORTER_OTLP_", "OTEL_SERVICE_", "OTEL_RESOURCE_", "OTEL_TRACES_", "OTEL_PYTHON_")):
            value = "(hidden)" if name.endswith(_SECRET) else asked.environ[name]
            yield Line(f"{name}={value}", note=True)
