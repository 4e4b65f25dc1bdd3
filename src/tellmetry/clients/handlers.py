"""Handlers of ours where a framework wants an instance of a class of its own, which is there once it is imported."""

from __future__ import annotations

import functools
import importlib
from typing import Any


@functools.cache
def handler(ours: type, where: str) -> Any:
    """Give the one handler that does as `ours` and is what the framework has at `where`, a `module:class`."""
    module, _, name = where.partition(":")
    return type("Tellmetry", (ours, getattr(importlib.import_module(module), name)), {})()
