"""HTTP/1.1 requests out of a stream of bytes."""

from __future__ import annotations

from urllib.parse import unquote

from tellmetry.demo.provider.request import Request

_HEAD_END = b"\r\n\r\n"
_MAX_HEAD = 256 * 1024


class HttpError(ValueError):
    """Bytes that are no HTTP request."""


class Inbox:
    """Collects bytes until they make a request."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes in."""
        self._bytes += data

    def next(self) -> Request | None:
        """Take the next request out, or None while it is incomplete."""
        end = self._bytes.find(_HEAD_END)
        if end < 0:
            if len(self._bytes) > _MAX_HEAD:
                raise HttpError("the headers never end")
            return None
        first, *lines = self._bytes[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self._body(headers, end + len(_HEAD_END))
        return None if body is None else _request(first, headers, body)

    def _body(self, headers: dict[str, str], start: int) -> bytes | None:
        """Take the body and all before it out of the buffer, once it is whole."""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunked(start)
        length = headers.get("content-length", "0")
        if not length.isdigit():
            raise HttpError("content-length is no number")
        end = start + int(length)
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[start:end])
        del self._bytes[:end]
        return body

    def _chunked(self, start: int) -> bytes | None:
        body = bytearray()
        while (line_end := self._bytes.find(b"\r\n", start)) >= 0:
            size = _hex(self._bytes[start:line_end].partition(b";")[0])
            start, end = line_end + 2, line_end + 2 + size
            if len(self._bytes) < end + 2:
                return None
            body += self._bytes[start:end]
            start = end + 2
            if size == 0:
                del self._bytes[:start]
                return bytes(body)
        return None


def _hex(digits: bytes | bytearray) -> int:
    try:
        return int(digits, 16)
    except ValueError as error:
        raise HttpError("a chunk's size is no number") from error


def _request(first: str, headers: dict[str, str], body: bytes) -> Request:
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    if not version.startswith("HTTP/1."):
        raise HttpError("this speaks HTTP/1.1 only")
    if version == "HTTP/1.0":
        headers.setdefault("connection", "close")
    path, _, query = target.partition("?")
    return Request(method, unquote(path), query, headers, body)
