"""The OTLP endpoint by HTTP, with the standard library only, or by gRPC where the variables ask for that.

Each request is tried once: the store on disk is our retry. What keeps the endpoint from taking spans is a `Trouble`.
"""

from __future__ import annotations

import encodings.idna  # noqa: F401 - looking a host up imports it, which should not happen while the app forks
import gzip
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Protocol

from tellmetry.emit import endpoint, otlp_proto, proxy
from tellmetry.emit.endpoint import Endpoint
from tellmetry.emit.spans import Finished
from tellmetry.emit.trouble import BROKEN_OFF, Trouble, of_error, of_status
from tellmetry.guard import lose
from tellmetry.version import VERSION

_MOST_ANSWER = 2**16
_HEADERS = {"content-type": "application/x-protobuf", "user-agent": f"tellmetry/{VERSION}"}
_PACK: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda body: body,
    "gzip": lambda body: gzip.compress(body, 1),
    "deflate": zlib.compress,
}


class Sender(Protocol):
    """A way to the endpoint: `send` gives how many spans were rejected and raises Trouble where none was taken."""

    url: str

    def send(self, told: list[Finished], resource: Mapping[str, Any]) -> int: ...
    def interrupt(self) -> None: ...


def sender(timeout_s: float | None = None) -> Sender:
    """Prepare the way to the endpoint; opens no connection. Raises Trouble where the variables make no sense."""
    at = endpoint.read()
    if timeout_s is not None:
        at = at._replace(timeout_s=timeout_s)
    if endpoint.protocol() == "grpc":
        from tellmetry.emit.grpc import GrpcSender

        return GrpcSender(at)
    return HttpSender(at)


def deliver(to: Sender, told: list[Finished], resource: Mapping[str, Any]) -> None:
    """Send spans. What the endpoint will never take is counted as lost; raises Trouble for what it may take later."""
    try:
        rejected = to.send(told, resource)
    except Trouble as trouble:
        if not trouble.final:
            raise
        if trouble.fewer and len(told) > 1:
            half = len(told) // 2
            deliver(to, told[:half], resource)
            deliver(to, told[half:], resource)
            return
        rejected = len(told)
    if rejected:
        lose("sending spans that the endpoint rejects", count=rejected)


class HttpSender:
    """One kept connection to the endpoint."""

    def __init__(self, at: Endpoint) -> None:
        self.url = at.url
        self._at = at
        self._tls = _context() if at.secure else None
        self._headers = {**_HEADERS, **at.headers}
        if at.compression != "none":
            self._headers["content-encoding"] = at.compression
        self._proxy = proxy.find(at)
        self._path = at.path
        self._leaving = False
        self._connection: HTTPConnection | None = None
        self.date: str | None = None  # what the endpoint's clock said last, for `doctor`

    def send(self, told: list[Finished], resource: Mapping[str, Any]) -> int:
        body = _PACK[self._at.compression](otlp_proto.encode(told, resource))
        kept = self._connection is not None
        try:
            return self._post(body)
        except (OSError, HTTPException) as error:
            self._drop()
            if not kept or self._leaving or isinstance(error, TimeoutError):
                raise self._trouble(error) from error
        try:
            return self._post(body)  # the endpoint had closed the connection that we kept
        except (OSError, HTTPException) as error:
            self._drop()
            raise self._trouble(error) from error

    def _trouble(self, error: OSError | HTTPException) -> Trouble:
        return Trouble("timeout", BROKEN_OFF) if self._leaving else of_error(error)

    def _post(self, body: bytes) -> int:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request("POST", self._path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read(_MOST_ANSWER)
        self.date = answer.getheader("date")
        if answer.will_close or not answer.isclosed():
            self._drop()
        if not 200 <= answer.status < 300:
            raise of_status(answer.status, answer.reason)
        return otlp_proto.rejected(content)

    def _connect(self) -> HTTPConnection:
        at, through = self._at, self._proxy
        host, port = (at.host, at.port) if through is None else (through.host, through.port)
        if self._tls is None:
            if through is not None:
                self._path = at.url
                self._headers.update(through.headers)
            return HTTPConnection(host, port, timeout=at.timeout_s)
        secure = HTTPSConnection(host, port, timeout=at.timeout_s, context=self._tls)
        if through is not None:
            secure.set_tunnel(at.host, at.port, through.headers)
        return secure

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def interrupt(self) -> None:
        """Break off a transfer that is under way."""
        self._leaving = True
        line = self._connection.sock if self._connection is not None else None
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended by itself
                return


def _context() -> ssl.SSLContext:
    """Make the TLS context that the variables ask for."""
    theirs, mine, key = (endpoint.variable(name) for name in ("CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"))
    try:
        context = ssl.create_default_context(cafile=theirs)
        if mine is not None:
            context.load_cert_chain(mine, key)
    except OSError as error:
        says = f"a certificate that OTEL_EXPORTER_OTLP_* names cannot be used ({error.strerror or 'it is none'})"
        raise Trouble("address", says) from error
    return context
