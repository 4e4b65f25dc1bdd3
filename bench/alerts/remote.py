"""Writes samples into Prometheus by its remote-write protocol, which takes what is older than now."""

from __future__ import annotations

import http.client
import struct
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]  # how Prometheus marks the end of a series
_STALE_BITS = np.uint64(0x7FF0000000000002)
_A_REQUEST = 8 << 20

Samples = tuple[str, Mapping[str, str], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]


class Writer:
    """One connection to the receiver."""

    def __init__(self, url: str) -> None:
        self._to = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300)

    def write(self, series: Iterable[Samples]) -> None:
        """Write samples: name, labels, times in seconds, values, and which of them are the marker of an end."""
        waiting, size = [], 0
        for one in series:
            body = _timeseries(*one)
            waiting.append(body)
            size += len(body)
            if size > _A_REQUEST:
                self._send(waiting)
                waiting, size = [], 0
        if waiting:
            self._send(waiting)

    def _send(self, bodies: list[bytes]) -> None:
        headers = {
            "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf", "X-Prometheus-Remote-Write-Version": "0.1.0",
        }  # fmt: skip
        self._to.request("POST", "/api/v1/write", _uncompressed(b"".join(bodies)), headers)
        answer = self._to.getresponse()
        said = answer.read()
        if answer.status // 100 != 2:
            raise RuntimeError(f"Prometheus answers {answer.status}: {said[:500].decode(errors='replace')}")


def _uncompressed(body: bytes) -> bytes:
    """Wrap a body as one snappy literal."""
    return _varint(len(body)) + b"\xfc" + struct.pack("<I", len(body) - 1) + body


def _timeseries(name: str, labels: Mapping[str, str], at_s: NDArray[np.int64], values: NDArray[np.float64], ends: NDArray[np.bool_]) -> bytes:
    named = sorted({"__name__": name, **labels}.items())
    inside = b"".join(_field(1, _field(1, key.encode()) + _field(2, value.encode())) for key, value in named)
    return _field(1, inside + _samples(at_s, values, ends))


def _samples(at_s: NDArray[np.int64], values: NDArray[np.float64], ends: NDArray[np.bool_]) -> bytes:
    """Encode all samples at once: each is eighteen bytes, as times of this century take six."""
    rows = np.empty((len(at_s), 18), dtype=np.uint8)
    rows[:, 0:3] = (0x12, 16, 0x09)
    bits = values.view(np.uint64).copy()
    bits[ends] = _STALE_BITS
    rows[:, 3:11] = bits[:, None].view(np.uint8).reshape(-1, 8)
    rows[:, 11] = 0x10
    milliseconds = at_s.astype(np.uint64) * np.uint64(1000)
    for place in range(6):
        seven = (milliseconds >> np.uint64(7 * place)) & np.uint64(0x7F)
        rows[:, 12 + place] = seven | (0x80 if place < 5 else 0)
    return rows.tobytes()


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
