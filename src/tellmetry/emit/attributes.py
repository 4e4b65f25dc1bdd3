"""A record as span attributes: which of its set fields are some, and called what, is worked out once for each set."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from tellmetry import names
from tellmetry.record import Record


class Attributes(Mapping[str, Any]):
    """Attributes as names, which all records with the same fields share, and values; one that is None is not set."""

    __slots__ = ("names", "told")

    def __init__(self, names: tuple[str, ...], told: tuple[Any, ...]) -> None:
        self.names = names
        self.told = told

    def __iter__(self) -> Iterator[str]:
        return (name for name, value in zip(self.names, self.told, strict=True) if value is not None)

    def items(self) -> ItemsView[str, Any]:
        return {name: value for name, value in zip(self.names, self.told, strict=True) if value is not None}.items()

    def __len__(self) -> int:
        return len(self.told) - self.told.count(None)

    def __getitem__(self, name: str) -> Any:
        for known, value in zip(self.names, self.told, strict=True):
            if known == name and value is not None:
                return value
        raise KeyError(name)


# Records of one kind come with a handful of sets of fields.
_Shape = tuple[Any, ...]
_Plan = tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], tuple[Any, ...]]
_plans: dict[_Shape, _Plan] = {}
_MOST_PLANS = 512


def attributes(record: Record) -> Attributes:
    """Give a record's set fields as span attributes."""
    held = record.__dict__  # as `vars`, in a third of the steps
    shape = record.__class__, *held
    known, pick, fixed = _plans.get(shape) or _planned(shape)
    return Attributes(known, pick(held) + fixed)


def _planned(shape: _Shape) -> _Plan:
    """Work out, once for a set of fields of one kind of record, which of them are attributes, and their names."""
    kind, *held = shape
    fields = [name for name in held if name in kind.attributes]
    known = [kind.attributes[name] for name in fields]
    fixed = () if names.OPERATION in known else (kind.operation,)
    if fixed:
        known.append(names.OPERATION)
    if len(_plans) >= _MOST_PLANS:
        _plans.clear()
    plan = _plans[shape] = tuple(known), picking(fields), fixed
    return plan


def picking(keys: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Give what takes these out of a dictionary or a tuple, as a tuple however few they are."""
    return itemgetter(*keys) if len(keys) > 1 else lambda held: tuple(held[key] for key in keys)
