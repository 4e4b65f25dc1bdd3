"""Switching on by code: the same as the variable, said plainly when misunderstood."""

from __future__ import annotations

from pathlib import Path

import pytest

import tellmetry
from tellmetry import boot


def test_on_by_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELLMETRY_STORE", str(tmp_path))
    tellmetry.enable("local")
    try:
        active = boot.active()
        assert active is not None
        assert (active.mode, active.store) == ("local", tmp_path)
        tellmetry.enable("on")  # a second call changes nothing
        assert boot.active() is active
        assert tellmetry.flush()
    finally:
        boot.disarm()


def test_a_mode_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="use 'on' or 'local'"):
        tellmetry.enable("off")


def test_nothing_to_flush() -> None:
    assert tellmetry.flush()
