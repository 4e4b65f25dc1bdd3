"""How the patched places of a client look to whoever inspects, copies or pickles them."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
import sys
import typing
from typing import Any


def appearance(name: str) -> dict[str, Any]:
    """Describe every place of a client that exists in the version at hand."""
    client = importlib.import_module(f"tellmetry.clients.{name}").CLIENT
    found = {}
    for place in client.places:
        if place.module in sys.modules:
            where = f"{place.module}:{place.path}"
            try:
                found[where] = _look(pkgutil.resolve_name(where))
            except AttributeError:
                continue  # not in this version
    return found


def _look(function: Any) -> Any:
    kinds = [inspect.isfunction, inspect.ismethod, inspect.isroutine, inspect.iscoroutinefunction, callable]
    kinds += [inspect.isasyncgenfunction, inspect.isgeneratorfunction, inspect.isbuiltin, inspect.isclass]
    told = [function.__name__, function.__qualname__, function.__module__, function.__doc__, function.__defaults__]
    told += [inspect.signature(function), typing.get_overloads(function), inspect.getsource(function)]
    copies = [copy.copy(function), copy.deepcopy(function), pickle.loads(pickle.dumps(function))]
    return told + [kind(function) for kind in kinds] + [one.__qualname__ for one in copies]
