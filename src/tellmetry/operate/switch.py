"""Switching on by code, and handing over what has finished."""

from __future__ import annotations

import dataclasses

from tellmetry import boot, settings


def enable(mode: str = "on") -> None:
    """Do by code what `TELLMETRY=mode` does: `on` or `local`. Call it before clients are imported where you can.

    Raises ValueError for any other mode.
    """
    if mode not in ("on", "local"):
        raise ValueError(f"tellmetry.enable({mode!r}) is not understood: use 'on' or 'local'.")
    boot.enable(dataclasses.replace(settings.read(), mode=mode))


def flush(timeout_s: float = 5.0) -> bool:
    """Send what has finished, as before a serverless function freezes; False if that took longer."""
    if boot.active() is None:
        return True
    from tellmetry import emit

    return emit.flush(timeout_s)
