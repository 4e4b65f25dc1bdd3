"""`python -m tellmetry.doctor.sight`: import the installed clients, armed, and tell as JSON where calls are seen."""

from __future__ import annotations

import importlib
import json
import sys
from importlib import metadata
from typing import Any

from tellmetry import boot, settings
from tellmetry.clients import CATALOGUE, Row


def main() -> None:
    """Tell one client after another."""
    read = settings.read(say=lambda _: None)
    boot.wait()
    for row in CATALOGUE:
        _tell(row, skipped=row.name in read.skip)


def _tell(row: Row, *, skipped: bool) -> None:
    from tellmetry.clients import arming

    client = importlib.import_module(f"tellmetry.clients.{row.name}").CLIENT
    told = {"client": row.name, "package": client.package, "version": _version(client.package), "tested": client.tested}
    told |= {"skipped": skipped, "error": None, "armed": {}, "missing": []}
    if told["version"] is not None and not skipped:
        _say({**told, "error": "unfinished"})
        told["error"] = _import(row)
        roles = {f"{place.module}:{place.path}": place.role for place in client.places}
        told["armed"] = {place: roles[place] for place in arming.armed.get(row.name, ())}
        told["missing"] = arming.missing.get(row.name, [])
    _say(told)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _import(row: Row) -> str | None:
    """Import a client's modules; that this version lacks one of them is a fault only where it lacks them all."""
    errors = []
    for module in row.modules:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            errors.append(f"{error}")
        except BaseException as error:  # noqa: BLE001 - whatever a client does when it is imported is the finding
            return f"{type(error).__name__} in {module}: {error}"
    return errors[0] if len(errors) == len(row.modules) else None


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(f"\nsight {json.dumps(told)}\n")  # on a line of its own, whatever clients print
    sys.stdout.flush()


if __name__ == "__main__":
    main()
