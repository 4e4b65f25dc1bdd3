"""Spans as OTLP protobuf, written straight: neither protobuf nor the SDK is imported for it.

The message is small and its format is frozen; the official encoder costs 150 ms and 15 MiB of imports before the first
span. Field numbers are those of opentelemetry-proto 1.x; a property test reads our bytes back with the official parser.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from tellmetry import names
from tellmetry.emit.pace import gently
from tellmetry.emit.spans import Finished
from tellmetry.version import VERSION

_KIND = {"internal": b"\x30\x01", "server": b"\x30\x02", "client": b"\x30\x03"}  # field 6, enum
_IDS = struct.Struct(">2sQQ2sQ")  # fields 1 and 2: bytes of 16 and of 8
_TIMES = struct.Struct("<BQBQ")  # fields 7 and 8, fixed64
_PARENT = struct.Struct(">2sQ")  # field 4
_FAILED = b"\x7a\x02\x18\x02"  # field 15: Status{code: ERROR}
_FLAGS = {False: b"\x85\x01" + struct.pack("<I", 0x100), True: b"\x85\x01" + struct.pack("<I", 0x300)}  # field 16
_two: Callable[[int], bytes] = struct.Struct("<H").pack
_double: Callable[[float], bytes] = struct.Struct("<d").pack
_MASK = (1 << 64) - 1

_BYTE = [bytes((number,)) for number in range(0x80)]
_heads: dict[str, tuple[bytes, bytes, bytes]] = {}

# Most of a span is texts that the spans before it had, too: their attributes, as they were written then.
_texts: dict[tuple[str, str], bytes] = {}
_REMEMBERED, _SHORT = 2048, 0x60


def encode(told: Iterable[Finished], resource: Mapping[str, Any]) -> bytes:
    """Give an ExportTraceServiceRequest with all the spans."""
    scope = _field(1, _field(1, names.SCOPE.encode()) + _field(2, VERSION.encode()))
    spans = b"".join([_field(2, _span(one)) for one in gently(told)])
    described = _field(1, b"".join([_field(1, _key(key) + _field(2, _any(value))) for key, value in resource.items()]))
    return _field(1, described + _field(2, scope + spans))


def _span(one: Finished) -> bytes:
    mine = one.identity
    parts = [
        _IDS.pack(b"\x0a\x10", mine.trace_id >> 64, mine.trace_id & _MASK, b"\x12\x08", mine.span_id),
        _name(one.name),
        _KIND[one.kind],
        _TIMES.pack(0x39, one.started_ns, 0x41, one.ended_ns),
        _FLAGS[mine.parent_is_remote],
    ]
    if mine.parent_id:
        parts.append(_PARENT.pack(b"\x22\x08", mine.parent_id))
    if one.failed:
        parts.append(_FAILED)
    _add_attributes(parts, one.attributes)
    return b"".join(parts)


@lru_cache(maxsize=512)
def _name(name: str) -> bytes:
    return _field(5, name.encode("utf-8", "replace"))


def _add_attributes(parts: list[bytes], attributes: Mapping[str, Any]) -> None:
    for item in attributes.items():
        name, value = item
        kind = type(value)
        if kind is str:
            parts.append(_texts.get(item) or _text(name, value))
        elif kind is int and 0 <= value < 0x4000:
            small, larger, _ = _heads.get(name) or _prepared(name)
            parts.append(small + _BYTE[value] if value < 0x80 else larger + _two(value & 0x7F | 0x80 | value >> 7 << 8))
        else:
            parts.append(_attribute(name, value))


def _attribute(name: str, value: Any) -> bytes:
    """Give a KeyValue as field 9 of its span: anything but a text or a small number, which most are."""
    kind = type(value)
    if kind is float:
        _, _, real = _heads.get(name) or _prepared(name)
        return real + _double(value)
    if kind is tuple and len(value) == 1 and type(value[0]) is str:  # most finish reasons
        return _lone_text(name, value)
    content = _field(2, _any(value))
    return _head(name, len(content)) + content


def _text(name: str, value: str) -> bytes:
    content = value.encode("utf-8", "replace")
    size = len(content)
    if size >= _SHORT:
        content = _field(2, _field(1, content))
        return _head(name, len(content)) + content
    if len(_texts) >= _REMEMBERED:
        _texts.clear()
    told = _texts[name, value] = b"".join((_head(name, size + 4), bytes((0x12, size + 2, 0x0A, size)), content))
    return told


@lru_cache(maxsize=512)
def _lone_text(name: str, value: tuple[str]) -> bytes:
    content = _field(2, _any(value))
    return _head(name, len(content)) + content


def _prepared(name: str) -> tuple[bytes, bytes, bytes]:
    """Give, once for each name, what stands in front of a number of one byte, of two, and of a real one."""
    if len(_heads) >= _REMEMBERED:
        _heads.clear()
    _heads[name] = _head(name, 4) + b"\x12\x02\x18", _head(name, 5) + b"\x12\x03\x18", _head(name, 11) + b"\x12\x09\x21"
    return _heads[name]


def _head(name: str, size: int) -> bytes:
    """Give what stands in front of an attribute's value of that size."""
    key = _key(name)
    inside = len(key) + size
    return (bytes((0x4A, inside)) if inside < 0x80 else b"\x4a" + _varint(inside)) + key


@lru_cache(maxsize=512)
def _key(key: str) -> bytes:
    return _field(1, key.encode("utf-8", "replace"))


def _any(value: Any) -> bytes:
    """Give an AnyValue."""
    kind = type(value)
    if kind is str:
        return _field(1, value.encode("utf-8", "replace"))
    if kind is bool:
        return b"\x10\x01" if value else b"\x10\x00"
    if kind is int:
        return b"\x18" + _varint(value & _MASK)
    if kind is float:
        return b"\x21" + _double(value)
    if kind in (tuple, list):
        return _field(5, b"".join([_field(1, _any(item)) for item in value]))
    return _field(1, str(value).encode("utf-8", "replace"))


def _field(number: int, content: bytes) -> bytes:
    """Give a length-delimited field."""
    size = len(content)
    head = bytes((number << 3 | 2, size)) if size < 0x80 else bytes((number << 3 | 2,)) + _varint(size)
    return head + content


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def rejected(answer: bytes) -> int:
    """Read an ExportTraceServiceResponse: how many spans the endpoint did not take; 0 for an answer of another kind."""
    partial = _found(answer, 1)
    count = _found(partial, 1) if isinstance(partial, bytes) else None
    return count if isinstance(count, int) else 0


def _found(message: bytes, wanted: int) -> bytes | int | None:
    """Give the first field of that number among those that are varints or length-delimited."""
    at = 0
    try:
        while at < len(message):
            tag, at = _read_varint(message, at)
            size, at = _read_varint(message, at)
            content: bytes | int = size
            if tag & 7 == 2:
                content, at = message[at : at + size], at + size
            elif tag & 7 != 0:
                return None
            if tag >> 3 == wanted:
                return content
    except IndexError:  # not a message at all
        return None
    return None


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
