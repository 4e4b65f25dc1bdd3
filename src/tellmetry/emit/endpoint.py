"""Where the OTLP endpoint is and how to speak to it: the standard variables, read as OpenTelemetry's exporters do."""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tellmetry.emit.trouble import Trouble

PROTOCOLS = ("http/protobuf", "grpc")
_PORTS = {"http": 80, "https": 443}
_DEFAULTS = {"http/protobuf": "http://localhost:4318", "grpc": "http://localhost:4317"}
_SIGNAL_PATH = "/v1/traces"
_COMPRESSIONS = ("none", "gzip", "deflate")


class Endpoint(NamedTuple):
    """An endpoint for traces; `path` is of use to HTTP only."""

    url: str
    secure: bool
    host: str
    port: int
    path: str
    headers: dict[str, str]
    timeout_s: float
    compression: str


def variable(name: str) -> str | None:
    """Give a variable's value for traces: the one for this signal wins over the general one."""
    return os.environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}") or os.environ.get(f"OTEL_EXPORTER_OTLP_{name}") or None


def protocol() -> str:
    """Give the protocol that the variables ask for; raises Trouble for one that we do not speak."""
    chosen = (variable("PROTOCOL") or PROTOCOLS[0]).strip()
    if chosen not in PROTOCOLS:
        raise Trouble("address", f"OTEL_EXPORTER_OTLP_PROTOCOL={chosen!r} is not understood, use http/protobuf or grpc")
    return chosen


def read() -> Endpoint:
    """Read the variables; raises Trouble where they make no sense."""
    spoken = protocol()
    at = variable("ENDPOINT") or _DEFAULTS[spoken]
    bare = spoken == "grpc" and "://" not in at  # host:port, which gRPC takes for one with TLS unless told otherwise
    try:
        parts = urlsplit(f"{'http' if _insecure() else 'https'}://{at}" if bare else at)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        port = None
    if port is None or not parts.hostname:
        raise Trouble("address", f"the OTLP endpoint {at!r} is not a URL that begins with http:// or https://")
    path = _path(parts.path) if spoken == "http/protobuf" else ""
    path += f"?{parts.query}" if parts.query else ""
    secure = parts.scheme == "https"
    url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"
    return Endpoint(url, secure, parts.hostname, port, path, _headers(), _timeout_s(), _compression())


def _insecure() -> bool:
    return (variable("INSECURE") or "").strip().lower() == "true"


def _path(given: str) -> str:
    """Give the path: that of the signal's own variable as it stands, that of the general one with the signal's."""
    own = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return given or "/" if own else given.removesuffix("/") + _SIGNAL_PATH


def _headers() -> dict[str, str]:
    pairs = (pair.partition("=") for pair in (variable("HEADERS") or "").split(","))
    return {key.strip().lower(): unquote(value.strip()) for key, sign, value in pairs if sign and key.strip()}


def _timeout_s() -> float:
    text = variable("TIMEOUT") or "10"
    try:
        return float(text)
    except ValueError:
        raise Trouble("address", f"OTEL_EXPORTER_OTLP_TIMEOUT={text!r} is not a number of seconds") from None


def _compression() -> str:
    chosen = (variable("COMPRESSION") or "none").strip().lower()
    if chosen not in _COMPRESSIONS:
        raise Trouble("address", f"OTEL_EXPORTER_OTLP_COMPRESSION={chosen!r} is not understood, use gzip or none")
    return chosen


def certificate(name: str) -> bytes | None:
    """Read the file that one of the certificate variables names; raises Trouble where it cannot be read."""
    path = variable(name)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        says = f"OTEL_EXPORTER_OTLP_{name} names {path}, which cannot be read ({error.strerror})"
        raise Trouble("address", says) from error
