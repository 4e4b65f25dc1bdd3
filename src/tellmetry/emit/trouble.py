"""Why an endpoint did not take spans: one word for `doctor`, one sentence for people, and whether to try again."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine, InvalidURL, RemoteDisconnected
from typing import Literal

What = Literal[
    "address", "host", "connection", "timeout", "certificate", "protocol", "path", "login", "busy", "redirect",
    "rejected", "size", "unknown",
]  # fmt: skip

# The endpoint will never take these spans; everything else is kept and tried again.
_FINAL: tuple[What, ...] = ("rejected", "size")


class Trouble(Exception):  # noqa: N818 - it is not always an error: most of it passes
    """Spans were not taken; `str()` says why."""

    def __init__(self, what: What, says: str) -> None:
        super().__init__(says)
        self.what = what

    @property
    def final(self) -> bool:
        """Whether these very spans will never be taken."""
        return self.what in _FINAL

    @property
    def fewer(self) -> bool:
        """Whether fewer of them at a time may be taken."""
        return self.what == "size"


_STATUS: dict[int, What] = {
    400: "rejected", 401: "login", 403: "login", 404: "path", 405: "path", 407: "login", 408: "busy", 413: "size",
    415: "protocol", 422: "rejected", 425: "busy", 426: "protocol", 429: "busy", 431: "rejected",
}  # fmt: skip


def of_status(status: int, reason: str) -> Trouble:
    """Say what an HTTP status other than success means for spans."""
    what: What = _STATUS.get(status, "busy" if status >= 500 else "redirect" if status < 400 else "unknown")
    return Trouble(what, f"it answers {status} {reason}".rstrip())


BROKEN_OFF = "it has not answered before the process ended"
_NO_GRPC = "it does not speak gRPC; HTTP needs OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
_TLS = "its certificate is not accepted, or it does not use TLS"

_GRPC: dict[str, tuple[What, str]] = {
    "DEADLINE_EXCEEDED": ("timeout", "it does not answer in time"),
    "CANCELLED": ("timeout", BROKEN_OFF),
    "UNAUTHENTICATED": ("login", "it answers UNAUTHENTICATED"),
    "PERMISSION_DENIED": ("login", "it answers PERMISSION_DENIED"),
    "UNIMPLEMENTED": ("path", "it does not offer OTLP's trace service"),
    "INVALID_ARGUMENT": ("rejected", "it answers INVALID_ARGUMENT"),
}
_GRPC_DETAILS: tuple[tuple[str, What, str], ...] = (
    ("http1", "protocol", _NO_GRPC),
    ("connection refused", "connection", "nothing listens there"),
    ("resol", "host", "its host name is unknown"),
    ("domain name", "host", "its host name is unknown"),
    ("ssl", "certificate", _TLS),
    ("handshake", "certificate", _TLS),
    ("larger than max", "size", "the message is too large for it"),
    ("timed out", "timeout", "it does not answer in time"),
    ("settings", "protocol", _NO_GRPC),
)


def of_grpc(code: str, details: str) -> Trouble:
    """Say what a gRPC status means for spans."""
    if code in _GRPC:
        return Trouble(*_GRPC[code])
    low = details.lower()
    for part, what, says in _GRPC_DETAILS:
        if part in low:
            return Trouble(what, says)
    return Trouble("busy", f"it answers {code}")


_ERRORS: tuple[tuple[type[BaseException], What, str], ...] = (
    (ssl.SSLError, "certificate", _TLS),
    (socket.gaierror, "host", "its host name is unknown"),
    (ConnectionRefusedError, "connection", "nothing listens there"),
    (TimeoutError, "timeout", "it does not answer in time"),
    (RemoteDisconnected, "connection", "it closes the connection without an answer"),
    (BadStatusLine, "protocol", "it does not speak HTTP; a gRPC endpoint needs OTEL_EXPORTER_OTLP_PROTOCOL=grpc"),
    (InvalidURL, "address", "its address is not a URL that can be used"),
)


def of_error(error: BaseException) -> Trouble:
    """Say what an exception on the way to an HTTP endpoint means."""
    for kind, what, says in _ERRORS:
        if isinstance(error, kind):
            return Trouble(what, says)
    return Trouble("connection", f"the connection breaks ({type(error).__name__})")
