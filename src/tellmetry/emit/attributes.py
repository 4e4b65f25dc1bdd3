"""A record as span attributes: which of its set fields are some, and called what, is worked out once for each set."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from tellmetry import names
from tellmetry.record import Record

# Records of one kind come with a handful of sets of fields.
_Shape = tuple[Any, ...]
_Plan = tuple[tuple[str, ...], Callable[[dict[str, Any]], tuple[Any, ...]]]
_plans: dict[_Shape, _Plan] = {}
_MOST_PLANS = 512


def attributes(record: Record) -> dict[str, Any]:
    """Give a record's set fields as span attributes."""
    held = vars(record)
    shape = record.__class__, *held
    known, pick = _plans.get(shape) or _planned(shape)
    told = {name: value for name, value in zip(known, pick(held), strict=True) if value is not None}
    if names.OPERATION not in told:
        told[names.OPERATION] = record.operation
    return told


def _planned(shape: _Shape) -> _Plan:
    """Work out, once for a set of fields of one kind of record, which of them are attributes, and their names."""
    kind, *held = shape
    fields = [name for name in held if name in kind.attributes]
    pick = itemgetter(*fields) if len(fields) > 1 else lambda held: tuple(held[name] for name in fields)
    if len(_plans) >= _MOST_PLANS:
        _plans.clear()
    plan = _plans[shape] = tuple(kind.attributes[name] for name in fields), pick
    return plan
