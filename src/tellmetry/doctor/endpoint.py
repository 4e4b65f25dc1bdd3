"""Whether the OTLP endpoint takes spans: a real request without any, by the protocol that is set."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from tellmetry.doctor import faults
from tellmetry.doctor.faults import Fault
from tellmetry.doctor.line import Asked, Line
from tellmetry.emit import endpoint, otlp
from tellmetry.emit.endpoint import Endpoint
from tellmetry.emit.trouble import Trouble, What

_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"  # how a client begins: preface, empty settings
_SETTINGS = b"\4"  # the type of the frame with which a server answers
_WHERE = "OTEL_EXPORTER_OTLP_ENDPOINT"
_WHERE_WHOLE = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_MATCH = "Set OTEL_EXPORTER_OTLP_PROTOCOL to match: port 4317 is usually grpc, 4318 http/protobuf."
_FAULTS: dict[What, tuple[Fault, str]] = {
    "address": (faults.ADDRESS, "Correct the variable; spans stay on disk until then."),
    "host": (faults.HOST, f"Correct {_WHERE}."),
    "connection": (faults.CONNECTION, f"Start the Collector there, or set {_WHERE} to where it is."),
    "timeout": (faults.TIMEOUT, "Look whether it hangs, or a firewall drops packets."),
    "certificate": (faults.CERTIFICATE, "Name its authority in OTEL_EXPORTER_OTLP_CERTIFICATE, or use http://."),
    "protocol": (faults.PROTOCOL, _MATCH),
    "path": (faults.PATH, f"{_WHERE} is the base, without /v1/traces; the whole URL goes into {_WHERE_WHOLE}."),
    "login": (faults.LOGIN, "Set OTEL_EXPORTER_OTLP_HEADERS to what it wants, such as authorization=Bearer%20TOKEN."),
    "busy": (faults.BUSY, "Look at its own log and memory; spans wait on disk."),
    "redirect": (faults.REDIRECT, f"Set {_WHERE} to where it points."),
    "rejected": (faults.REJECTED, "It may not be an OTLP endpoint at all."),
    "size": (faults.REJECTED, "It takes no requests of any size."),
    "unknown": (faults.ODD, "It may not be an OTLP endpoint at all."),
}


def look(asked: Asked) -> Iterator[Line]:
    """Send nothing, and see how that is taken."""
    if asked.settings.mode == "local":
        yield Line("Not asked: TELLMETRY=local sends nothing.", note=True)
        return
    where, began = "", time.monotonic()
    try:
        at = endpoint.read()
        where = f"{at.url} by {endpoint.protocol()}: "
        _ask(asked)
    except Trouble as trouble:
        known = trouble
        if trouble.what == "connection" and endpoint.protocol() != "grpc" and _speaks_grpc(at, asked.timeout_s):
            known = Trouble("protocol", "it speaks gRPC")
        fault, todo = _FAULTS[known.what]
        yield Line(f"{where}{known}. {todo}", fault)
        return
    asked.takes_spans = True
    yield Line(f"{where}takes spans, in {(time.monotonic() - began) * 1000:.0f} ms.")


def _speaks_grpc(at: Endpoint, timeout_s: float) -> bool:
    """Tell whether what hung up on HTTP/1 greets as HTTP/2 does: so does the gRPC port of a Collector."""
    try:
        with socket.create_connection((at.host, at.port), timeout_s) as line:
            line.sendall(_HTTP2)
            return line.recv(9)[3:4] == _SETTINGS
    except OSError:
        return False


def _ask(asked: Asked) -> None:
    sender = otlp.sender(asked.timeout_s)
    try:
        sender.send([], {})
    finally:
        sender.interrupt()
    date = getattr(sender, "date", None)
    if date is not None:
        asked.skew_s = time.time() - parsedate_to_datetime(date).timestamp()
