"""Every environment variable, once: read when the package is armed, frozen, passed down, never read again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MODES = ("on", "local", "off")


class SettingError(ValueError):
    """A value that a setting does not know; the message says which, and what it takes."""


def _mode(text: str) -> str:
    word = {"1": "on", "true": "on", "0": "off", "false": "off", "": "off"}.get(text.lower(), text.lower())
    if word not in MODES:
        raise SettingError("use on, local or off")
    return word


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in ("on", "off", "true", "false", "1", "0", ""):
        raise SettingError("use on or off")
    return word in ("on", "true", "1")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SettingError("give seconds as a number, for example 0.5") from None
    if not 0 <= value < float("inf"):
        raise SettingError("give seconds as a number from 0 up")
    return value


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise SettingError("give a whole number") from None
    if value < 1:
        raise SettingError("give a whole number from 1 up")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _path(text: str) -> Path | None:
    try:
        return Path(text).expanduser() if text else None
    except RuntimeError:
        raise SettingError("there is no such user's home directory") from None


def _default_store() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(base) / "tellmetry"


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "tellmetry"


def _setting(variable: str, default: Any, parse: Callable[[str], Any], says: str) -> Any:
    kind = {"default_factory": default} if callable(default) else {"default": default}
    return field(**kind, metadata={"variable": variable, "parse": parse, "says": says})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment asks for. The docs' table and `doctor` are rendered from this class's fields."""

    mode: str = _setting(
        "TELLMETRY", "off", _mode, "`on`: spans go to the OTLP endpoint, to disk while it is away. `local`: disk only."
    )
    store: Path = _setting("TELLMETRY_STORE", _default_store, _path, "Directory of the store on disk.")
    store_bytes: int = _setting(
        "TELLMETRY_STORE_BYTES", 256 * 2**20, _count, "Most bytes the store may hold; the oldest go first."
    )
    store_days: float = _setting("TELLMETRY_STORE_DAYS", 7.0, _seconds, "Days after which stored spans are deleted.")
    cache: Path = _setting("TELLMETRY_CACHE", _default_cache, _path, "Directory for what can be made again.")
    prices: Path | None = _setting("TELLMETRY_PRICES", None, _path, "Your own prices (TOML or YAML); they win.")
    contracts: Path | None = _setting(
        "TELLMETRY_CONTRACTS", None, _path, "The contracts file; else `tellmetry.toml` in the working directory."
    )
    skip: tuple[str, ...] = _setting("TELLMETRY_SKIP", (), _names, "Clients to leave alone, for example `ollama,mcp`.")
    flush_s: float = _setting("TELLMETRY_FLUSH_S", 1.0, _seconds, "Longest time a finished span waits to be sent.")
    exit_s: float = _setting("TELLMETRY_EXIT_S", 0.8, _seconds, "Longest time that leaving the process may take.")
    queue: int = _setting(
        "TELLMETRY_QUEUE", 20_000, _count, "Most finished spans kept in memory; beyond it they are counted as lost."
    )
    strict: bool = _setting("TELLMETRY_STRICT", False, _flag, "Our own errors are raised, not counted: for our tests.")

    @property
    def armed(self) -> bool:
        """Whether anything is recorded at all."""
        return self.mode != "off"


def read(environ: Mapping[str, str] | None = None, say: Callable[[str], None] | None = None) -> Settings:
    """Read the settings; a value that a variable does not know is said in one line, and its default is used."""
    environ = os.environ if environ is None else environ
    say = complain if say is None else say
    values = {}
    for one in fields(Settings):
        text = environ.get(one.metadata["variable"])
        if text is None:
            continue
        try:
            values[one.name] = one.metadata["parse"](text.strip())
        except SettingError as error:
            say(f"{one.metadata['variable']}={text!r} is not understood: {error}. {_consequence(one.name)}")
    return Settings(**{name: value for name, value in values.items() if value is not None})


def _consequence(name: str) -> str:
    return "Nothing is recorded." if name == "mode" else "The default is used."


def complain(sentence: str) -> None:
    """Say one clear sentence to whoever runs the process; never raise."""
    if sys.stderr is not None:
        print(f"tellmetry: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


_active: Settings | None = None


def active() -> Settings | None:
    """Give the settings in force, or None while nothing is recorded."""
    return _active


def activate(read: Settings | None) -> None:
    """Put settings in force; None stops recording."""
    global _active
    _active = read
