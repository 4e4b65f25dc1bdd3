"""Arm the places of a client's module when it is imported, and remember what was armed for `doctor`."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from types import ModuleType

from tellmetry import boot, hooks
from tellmetry.clients.client import CALLS, Client, Hook, Place, numbers
from tellmetry.engine import patch
from tellmetry.guard import guarded, lose

armed: dict[str, list[str]] = {}  # client → places that are wrapped
missing: dict[str, list[str]] = {}  # client → places that this version does not have
elsewhere: dict[str, Client] = {}  # package waited for → the client that another package declares for it


@guarded("arming a client")
def arm(name: str, module: ModuleType) -> None:
    """Arm what the client called `name` declares for one of its modules."""
    if _is_wanted(name):
        arm_module(importlib.import_module(f"tellmetry.clients.{name}").CLIENT, module)


@guarded("loading the client of another package")
def expect(package: str, where: str) -> None:
    """Wait for the modules of a client that another package declares at `where`, a `module:attribute`."""
    module, _, attribute = where.partition(":")
    client = getattr(importlib.import_module(module), attribute, None)
    if not isinstance(client, Client):
        lose(f"arming {package}, whose entry point {where} is no Client,")
        return
    elsewhere[package] = client
    for name in dict.fromkeys(one.module for one in client.declared):
        hooks.when_imported(name, partial(_arm_other, client))


@guarded("arming a client")
def _arm_other(client: Client, module: ModuleType) -> None:
    if _is_wanted(client.name):
        arm_module(client, module)


def _is_wanted(name: str) -> bool:
    settings = boot.active()
    return settings is not None and name not in settings.skip


def arm_module(client: Client, module: ModuleType) -> None:
    """Wrap the client's places in one module and install its hooks; that calls will not be seen is said once."""
    declared = [one for one in client.declared if _is_in(module, one)]
    gone = [one for one in declared if not _arm(module, one)]
    for one in declared:
        (missing if one in gone else armed).setdefault(client.name, []).append(f"{one.module}:{one.path}")
    if declared and not armed.get(client.name):
        lose(f"arming {client.name}, whose {module.__name__} has none of the places we know,")
    elif (unseen := [place.path for place in gone if place.role in CALLS]) and _is_newer(client):
        lose(f"arming {client.name}, whose {module.__name__} has no {', '.join(unseen)},")


def _is_in(module: ModuleType, one: Place | Hook) -> bool:
    """Tell whether a place is in a module, which may bear the name of another: CrewAI overwrites those of its own."""
    return one.module == module.__name__ or sys.modules.get(one.module) is module


def _arm(module: ModuleType, one: Place | Hook) -> bool | None:
    return _arm_place(module, one) if isinstance(one, Place) else _install(module, one)


def _is_newer(client: Client) -> bool:
    """Tell whether a client is newer than any that we know: older ones lack places, and we know which."""
    from importlib import metadata

    try:
        found = metadata.version(client.package)
    except metadata.PackageNotFoundError:
        return False
    return numbers(found) > numbers(client.tested[-1])


@guarded("arming a place")
def _arm_place(module: ModuleType, place: Place) -> bool:
    owner = module
    *outer, name = place.path.split(".")
    for part in outer:
        owner = getattr(owner, part, None)  # type: ignore[assignment]
        if owner is None:
            return False
    return patch.wrap(owner, name, place.wrapper)


@guarded("installing a hook")
def _install(module: ModuleType, hook: Hook) -> bool:
    patch.install(partial(hook.install, module))
    return True


def forget() -> None:
    """Forget what was armed, for tests."""
    armed.clear()
    missing.clear()
    elsewhere.clear()
