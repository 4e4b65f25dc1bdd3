"""From one environment variable to clients that are waited for. Imports nothing heavy, not even `typing`.

An idle process pays for this file, the import hook and the catalogue. Settings are read when the first client is
imported or the first operation opened.
"""

from __future__ import annotations

import os
import sys

from tellmetry import hooks
from tellmetry.clients import CATALOGUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from tellmetry.settings import Settings

_ON = ("on", "local", "1", "true")
_booted = False
_waiting = False
_others: dict[str, str] | None = None  # clients of other packages that are still waited for, once looked for


def boot() -> None:
    """Wait for clients if the environment asks for it; called by the `.pth` line when `TELLMETRY` is set."""
    global _booted
    if _booted:  # a site directory may be seen under two names, and its `.pth` files read twice
        return
    _booted = True
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return
    if os.environ.get("TELLMETRY", "").strip().lower() in _ON:
        wait()
    else:
        from tellmetry import settings

        settings.read()  # says what it does not understand


def wait() -> None:
    """Register one import hook a module of the catalogue, once; imports no client."""
    global _waiting
    if _waiting:
        return
    _waiting = True
    for row in CATALOGUE:
        for module in row.modules:
            hooks.when_imported(module, _armer(row.name))
    hooks.when_foreign(_look_elsewhere)


def _look_elsewhere(imported: str) -> None:
    hooks.when_foreign(None)  # what we import ourselves, looking, is nobody's client
    from tellmetry.guard import guarded

    guarded("looking for clients of other packages")(_expect_others)(imported)
    if _others:
        hooks.when_foreign(_look_elsewhere)


def _expect_others(imported: str) -> None:
    """Wait for the client that another package brings for the one that is imported now, or was before we looked."""
    global _others
    if _others is None:
        from tellmetry.clients import elsewhere

        _others = elsewhere.declared(sys.path)
    for package in [package for package in _others if package == imported or package in sys.modules]:
        from tellmetry.clients import arming

        arming.expect(package, _others.pop(package))


def _armer(client: str) -> hooks.Hook:
    def arm(module: ModuleType) -> None:
        from tellmetry.guard import guarded

        guarded("arming a client")(_arm)(client, module)  # importing what arms it may fail too

    return arm


def _arm(client: str, module: ModuleType) -> None:
    from tellmetry.clients import arming

    arming.arm(client, module)


def active() -> Settings | None:
    """Give the settings in force, read on first use; None while nothing is recorded."""
    if not _waiting:
        return None
    from tellmetry.settings import active as known

    read = known()
    if read is None:
        from tellmetry import guard, settings

        read = settings.read()
        guard.strict = read.strict
        settings.activate(read)
    return read


def enable(read: Settings) -> None:
    """Wait for clients with these settings; a second call changes nothing."""
    if _waiting:
        return
    from tellmetry import guard, settings

    guard.strict = read.strict
    settings.activate(read)
    wait()
    _look_elsewhere("")


def disarm() -> None:
    """Take every patch away again."""
    global _others, _waiting
    from tellmetry import settings
    from tellmetry.clients import arming
    from tellmetry.engine import patch

    hooks.stop()
    patch.disarm()
    arming.forget()
    settings.activate(None)
    _others, _waiting = None, False
