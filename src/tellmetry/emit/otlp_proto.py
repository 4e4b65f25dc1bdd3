"""Spans as OTLP protobuf, written straight: neither protobuf nor the SDK is imported for it.

The message is small and its format is frozen; the official encoder costs 150 ms and 15 MiB of imports before the first
span. Field numbers are those of opentelemetry-proto 1.x; a property test reads our bytes back with the official parser.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from tellmetry import names
from tellmetry.emit.spans import Finished
from tellmetry.version import VERSION

_KIND = {"internal": b"\x30\x01", "server": b"\x30\x02", "client": b"\x30\x03"}  # field 6, enum
_TIMES = struct.Struct("<BQBQ")  # fields 7 and 8, fixed64
_FAILED = b"\x7a\x02\x18\x02"  # field 15: Status{code: ERROR}
_FLAGS = {False: b"\x85\x01" + struct.pack("<I", 0x100), True: b"\x85\x01" + struct.pack("<I", 0x300)}  # field 16
_DOUBLE = struct.Struct("<d")
_MASK = (1 << 64) - 1


def encode(told: Iterable[Finished], resource: Mapping[str, Any]) -> bytes:
    """Give an ExportTraceServiceRequest with all the spans."""
    scope = _field(1, _field(1, names.SCOPE.encode()) + _field(2, VERSION.encode()))
    spans = b"".join([_field(2, _span(one)) for one in told])
    described = _field(1, b"".join(_pairs(1, resource)))
    return _field(1, described + _field(2, scope + spans))


def _span(one: Finished) -> bytes:
    mine = one.identity
    parts = [
        _field(1, mine.trace_id.to_bytes(16, "big")),
        _field(2, mine.span_id.to_bytes(8, "big")),
        _field(5, one.name.encode("utf-8", "replace")),
        _KIND[one.kind],
        _TIMES.pack(0x39, one.started_ns, 0x41, one.ended_ns),
        _FLAGS[mine.parent_is_remote],
        *_pairs(9, one.attributes),
    ]
    if mine.parent_id:
        parts.append(_field(4, mine.parent_id.to_bytes(8, "big")))
    if one.failed:
        parts.append(_FAILED)
    return b"".join(parts)


def _pairs(number: int, attributes: Mapping[str, Any]) -> list[bytes]:
    return [_field(number, _key(key) + _field(2, _value(value))) for key, value in attributes.items()]


@lru_cache(maxsize=512)
def _key(key: str) -> bytes:
    return _field(1, key.encode("utf-8", "replace"))


def _value(value: Any) -> bytes:
    """Give an AnyValue."""
    kind = type(value)
    if kind is str:
        return _field(1, value.encode("utf-8", "replace"))
    if kind is bool:
        return b"\x10\x01" if value else b"\x10\x00"
    if kind is int:
        return b"\x18" + _varint(value & _MASK)
    if kind is float:
        return b"\x21" + _DOUBLE.pack(value)
    if kind in (tuple, list):
        return _field(5, b"".join([_field(1, _value(item)) for item in value]))
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
