"""How the patched places of a client look to whoever inspects, copies or pickles them."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
import sys
import typing
from collections.abc import Callable
from typing import Any

from tellmetry import boot


def look_as_before(arm: Callable[[], Any], *names: str) -> list[str]:
    """Hold that what is patched of these clients keeps its name, signature and kind, and is put back; list the places."""
    bare = {name: appearance(name) for name in names}
    arm()
    assert {name: appearance(name) for name in names} == bare
    boot.disarm()
    assert {name: appearance(name) for name in names} == bare
    return [where for places in bare.values() for where in places]


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
    copies = [_copied(function, how) for how in (copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)))]
    return told + [kind(function) for kind in kinds] + copies


def _copied(function: Any, how: Callable[[Any], Any]) -> Any:
    try:
        return how(function).__qualname__
    except pickle.PicklingError as error:  # a client may have given a function another's name
        return type(error)
