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
from tellmetry.emit.otlp_attributes import add, field, key_value
from tellmetry.emit.pace import gently
from tellmetry.emit.spans import Finished
from tellmetry.version import VERSION

_KIND = {"internal": b"\x30\x01", "server": b"\x30\x02", "client": b"\x30\x03"}  # field 6, enum
_IDS = struct.Struct(">2sQQ2sQ")  # fields 1 and 2: bytes of 16 and of 8
_TIMES = struct.Struct("<BQBQ")  # fields 7 and 8, fixed64
_PARENT = struct.Struct(">2sQ")  # field 4
_FAILED = b"\x7a\x02\x18\x02"  # field 15: Status{code: ERROR}
_FLAGS = {False: b"\x85\x01" + struct.pack("<I", 0x100), True: b"\x85\x01" + struct.pack("<I", 0x300)}  # field 16
_MASK = (1 << 64) - 1

def encode(told: Iterable[Finished], resource: Mapping[str, Any]) -> bytes:
    """Give an ExportTraceServiceRequest with all the spans."""
    scope = field(1, field(1, names.SCOPE.encode()) + field(2, VERSION.encode()))
    spans = b"".join([field(2, _span(one)) for one in gently(told)])
    described = field(1, b"".join([field(1, key_value(name, value)) for name, value in resource.items()]))
    return field(1, described + field(2, scope + spans))


def _span(one: Finished) -> bytes:
    name, kind, (trace_id, span_id, parent_id, is_remote), started_ns, ended_ns, attributes, failed = one
    parts = [
        _IDS.pack(b"\x0a\x10", trace_id >> 64, trace_id & _MASK, b"\x12\x08", span_id),
        _name(name),
        _KIND[kind],
        _TIMES.pack(0x39, started_ns, 0x41, ended_ns),
        _FLAGS[is_remote],
    ]
    if parent_id:
        parts.append(_PARENT.pack(b"\x22\x08", parent_id))
    if failed:
        parts.append(_FAILED)
    if attributes:
        add(parts, attributes)
    return b"".join(parts)


@lru_cache(maxsize=512)
def _name(name: str) -> bytes:
    return field(5, name.encode("utf-8", "replace"))


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
