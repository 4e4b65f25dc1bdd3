"""Attributes as OTLP protobuf: what spans have in common is written once and kept, the rest with few steps."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tellmetry import names
from tellmetry.emit.attributes import Attributes, picking

_double: Callable[[float], bytes] = struct.Struct("<d").pack
_MASK = (1 << 64) - 1
_BYTE = [bytes((number,)) for number in range(0x80)]
_FIRST = [bytes((number | 0x80,)) for number in range(0x80)]  # of a number's two bytes: another follows

# Texts come in few sets, who called what for whom and how it ended; but for these, which nearly every span has anew.
_EACH = frozenset({
    names.RUN_ID, names.REQUEST_ID, names.RESPONSE_ID, names.REQUEST_PREVIOUS_RESPONSE, names.CONVERSATION,
    names.TOOL_CALL_ID, names.RETRIEVAL_SOURCES,
})  # fmt: skip
# Numbers that are of such a set. Each is always of one type: 1, 1.0 and True are the same to a dictionary.
_FEW = frozenset({names.SERVER_PORT, names.HTTP_STATUS, names.ATTEMPTS, names.REQUEST_TEMPERATURE})
_MOST_SHAPES, _MOST_SETS = 256, 512


class _Shape:
    """How spans with the same attributes are written: each set of their common texts once, and kept as one piece."""

    __slots__ = ("common", "others", "pick", "sets")

    def __init__(self, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
        pairs = [*zip(names, values, strict=True)]
        few = [name in _FEW or (name not in _EACH and _is_text(value)) for name, value in pairs]
        common = [at for at, one in enumerate(few) if one]
        self.common = [names[at] for at in common]
        self.pick = picking(common)
        self.sets: dict[Any, bytes] = {}
        self.others = [(at, name, *_prepared(name)) for at, name in enumerate(names) if at not in common]

    def write(self, values: tuple[Any, ...]) -> bytes:
        """Write a set that is not known yet; one with a text that is none this time is not kept."""
        pairs = [(name, value) for name, value in zip(self.common, values, strict=True) if value is not None]
        written = b"".join([_attribute(*pair) for pair in pairs])
        if all(name in _FEW or _is_text(value) for name, value in pairs):
            if len(self.sets) >= _MOST_SETS:
                self.sets.clear()
            self.sets[values] = written
        return written


_shapes: dict[tuple[str, ...], _Shape] = {}


def _shaped(names: tuple[str, ...], values: tuple[Any, ...]) -> _Shape:
    if len(_shapes) >= _MOST_SHAPES:
        _shapes.clear()
    shape = _shapes[names] = _Shape(names, values)
    return shape


def _is_text(value: Any) -> bool:
    return type(value) is str or (type(value) is tuple and all(type(one) is str for one in value))


def _prepared(name: str) -> tuple[bytes, bytes, bytes]:
    """Give what stands in front of a number of one byte, of two, and of a real one."""
    return _head(name, 4) + b"\x12\x02\x18", _head(name, 5) + b"\x12\x03\x18", _head(name, 11) + b"\x12\x09\x21"


@lru_cache(maxsize=2048)
def _before_text(name: str, size: int) -> bytes:
    """Give what stands in front of a text of that many bytes: the ids of one provider have a length."""
    inside = b"\x0a" + _varint(size)
    around = b"\x12" + _varint(len(inside) + size) + inside
    return _head(name, len(around) + size) + around


def add(parts: list[bytes], attributes: Mapping[str, Any]) -> None:
    """Write all attributes of a span behind its other fields; one that is None is not set."""
    if type(attributes) is Attributes:
        known, values = attributes.names, attributes.told
    else:
        known, values = tuple(attributes), tuple(attributes.values())
    shape = _shapes.get(known) or _shaped(known, values)
    common = shape.pick(values)
    written = shape.sets.get(common)
    parts.append(shape.write(common) if written is None else written)
    for at, name, small, larger, real in shape.others:
        value = values[at]
        kind = type(value)
        if kind is int and 0 <= value < 0x4000:
            parts.append(small + _BYTE[value] if value < 0x80 else larger + _FIRST[value & 0x7F] + _BYTE[value >> 7])
        elif kind is float:
            parts.append(real + _double(value))
        elif kind is str:
            text = value.encode("utf-8", "replace")
            parts.append(_before_text(name, len(text)) + text)
        elif value is not None:
            parts.append(_attribute(name, value))


def _attribute(name: str, value: Any) -> bytes:
    """Give a KeyValue as field 9 of its span."""
    content = field(2, _any(value))
    return _head(name, len(content)) + content


def key_value(name: str, value: Any) -> bytes:
    """Give a KeyValue."""
    return _key(name) + field(2, _any(value))


def _head(name: str, size: int) -> bytes:
    """Give what stands in front of an attribute's value of that size."""
    key = _key(name)
    inside = len(key) + size
    return (bytes((0x4A, inside)) if inside < 0x80 else b"\x4a" + _varint(inside)) + key


@lru_cache(maxsize=512)
def _key(key: str) -> bytes:
    return field(1, key.encode("utf-8", "replace"))


def _any(value: Any) -> bytes:
    """Give an AnyValue."""
    kind = type(value)
    if kind is str:
        return field(1, value.encode("utf-8", "replace"))
    if kind is bool:
        return b"\x10\x01" if value else b"\x10\x00"
    if kind is int:
        return b"\x18" + _varint(value & _MASK)
    if kind is float:
        return b"\x21" + _double(value)
    if kind in (tuple, list):
        return field(5, b"".join(map(_item, value)))
    return field(1, str(value).encode("utf-8", "replace"))


def _item(value: Any) -> bytes:
    """Give an AnyValue as field 1 of its list."""
    if type(value) is str:
        text = value.encode("utf-8", "replace")
        return _before_item(len(text)) + text
    return field(1, _any(value))


@lru_cache(maxsize=512)
def _before_item(size: int) -> bytes:
    """Give what stands in front of a text of that many bytes in a list."""
    inside = b"\x0a" + _varint(size)
    return b"\x0a" + _varint(len(inside) + size) + inside


def field(number: int, content: bytes) -> bytes:
    """Give a length-delimited field."""
    return _BYTE[number << 3 | 2] + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    if number < 0x80:
        return _BYTE[number]
    if number < 0x4000:
        return _FIRST[number & 0x7F] + _BYTE[number >> 7]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
