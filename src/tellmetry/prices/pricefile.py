"""Reads a price file, TOML or YAML, as plain data."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tellmetry.prices import PriceFileError

if TYPE_CHECKING:
    from pathlib import Path


def rows(path: Path) -> list[dict[str, Any]]:
    """Give the entries of a price file, unchecked but for being entries."""
    data = _parsed(path)
    for key in data:
        if key not in ("price", "currency"):
            raise PriceFileError(f"Price file {path} has the unknown key {key!r}; put prices into [[price]] entries.")
    if data.get("currency", "USD") != "USD":
        raise PriceFileError(
            f"Price file {path} says currency = {data['currency']!r}; give prices in US dollars"
            ' and leave the line out or write "USD".'
        )
    found = data.get("price")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise _no_list(path)
    return found


def _parsed(path: Path) -> dict[str, Any]:
    text = _text(path)
    if path.suffix in (".yaml", ".yml"):
        data = _yaml(path, text)
    elif path.suffix == ".toml":
        data = _toml(path, text)
    else:
        raise PriceFileError(f"Price file {path} has an unknown ending; name it .toml, .yaml or .yml.")
    if not isinstance(data, dict):
        raise _no_list(path)
    return data


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PriceFileError(
            f"Price file {path} cannot be read ({reason}); correct the path or its permissions."
        ) from None
    except UnicodeDecodeError:
        raise PriceFileError(f"Price file {path} is not UTF-8 text; save it as UTF-8.") from None


def _toml(path: Path, text: str) -> Any:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PriceFileError(f"Price file {path} is not valid TOML: {error}; correct that place.") from None


def _yaml(path: Path, text: str) -> Any:
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise PriceFileError(
            f"Price file {path} is YAML, which needs PyYAML; install pyyaml or write the file as TOML."
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise PriceFileError(f"Price file {path} is not valid YAML{line}; correct that place.") from None


def _no_list(path: Path) -> PriceFileError:
    return PriceFileError(
        f"Price file {path} has no list of prices; write each as a [[price]] entry (in YAML an item under `price:`)."
    )
