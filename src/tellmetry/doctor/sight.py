"""`python -m tellmetry.doctor.sight`: import the installed clients, armed, and tell as JSON where calls are seen."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Collection
from importlib import metadata
from typing import TYPE_CHECKING, Any

from tellmetry import boot, settings
from tellmetry.clients import CATALOGUE

if TYPE_CHECKING:
    from tellmetry.clients.client import Client


def main() -> None:
    """Tell one client after another."""
    read = settings.read(say=lambda _: None)
    boot.wait()
    for row in CATALOGUE:
        client = importlib.import_module(f"tellmetry.clients.{row.name}").CLIENT
        _tell(client, row.modules, skipped=row.name in read.skip)
    for package, client in _others().items():
        _tell(client, (package, *{one.module for one in client.declared}), skipped=client.name in read.skip)


def _others() -> dict[str, Client]:
    """Give the clients that other packages declare."""
    from tellmetry.clients import arming, elsewhere

    for package, where in elsewhere.declared(sys.path).items():
        if package not in arming.elsewhere:
            arming.expect(package, where)
    return arming.elsewhere


def _tell(client: Client, modules: Collection[str], *, skipped: bool) -> None:
    from tellmetry.clients import arming

    told: dict[str, Any] = {"client": client.name, "package": client.package, "tested": client.tested}
    told |= {"version": _version(client.package), "skipped": skipped, "error": None, "armed": {}, "missing": []}
    if told["version"] is not None and not skipped:
        _say({**told, "error": "unfinished"})
        told["error"] = _import(modules)
        roles = {f"{one.module}:{one.path}": one.role for one in client.declared}
        told["armed"] = {place: roles[place] for place in arming.armed.get(client.name, ())}
        told["missing"] = arming.missing.get(client.name, [])
    _say(told)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _import(modules: Collection[str]) -> str | None:
    """Import a client's modules; that this version lacks one of them is a fault only where it lacks them all."""
    errors = []
    for module in modules:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            errors.append(f"{error}")
        except BaseException as error:  # noqa: BLE001 - whatever a client does when it is imported is the finding
            return f"{type(error).__name__} in {module}: {error}"
    return errors[0] if len(errors) == len(modules) else None


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(f"\nsight {json.dumps(told)}\n")  # on a line of its own, whatever clients print
    sys.stdout.flush()


if __name__ == "__main__":
    main()
