"""An OTLP endpoint on loopback that decodes what it takes with the official messages, and can fail in each usual way."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as rpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

HOST = "127.0.0.1"
NOBODY = f"http://{HOST}:9"  # nothing listens at the port of the discard service; a free one may soon be taken
_UNPACK = {None: bytes, "gzip": gzip.decompress, "deflate": zlib.decompress}


@dataclass(frozen=True)
class Span:
    """One span as the endpoint got it."""

    name: str
    kind: int
    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    started_ns: int
    ended_ns: int
    failed: bool
    flags: int
    scope: str
    attributes: dict[str, Any]
    resource: dict[str, Any]

    @property
    def operation(self) -> str:
        return self.attributes["gen_ai.operation.name"]


@dataclass
class Sink:
    """What an endpoint has taken, and how it behaves: `take`, `hang`, an HTTP status, or a gRPC status."""

    mode: Any = "take"
    rejecting: int = 0  # spans of each request that it says it rejects
    ahead_s: float = 0.0  # how wrong its clock is
    spans: list[Span] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)  # headers
    released: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, request: ExportTraceServiceRequest) -> ExportTraceServiceResponse:
        with self._changed:
            self.spans.extend(decode(request))
            self._changed.notify_all()
        answer = ExportTraceServiceResponse()
        answer.partial_success.rejected_spans = self.rejecting
        return answer

    def wait(self, spans: int, within_s: float = 10.0) -> list[Span]:
        """Wait until that many spans have come, then a moment longer for one too many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.spans) >= spans, within_s), f"{len(self.spans)} of {spans} spans"
        time.sleep(0.05)
        return list(self.spans)


def decode(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for resource in request.resource_spans:
        told_by = pairs(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    span.name, span.kind, span.trace_id, span.span_id, span.parent_span_id, span.start_time_unix_nano,
                    span.end_time_unix_nano, span.status.code == 2, span.flags, scope.scope.name,
                    pairs(span.attributes), told_by,
                )  # fmt: skip


def pairs(attributes: Any) -> dict[str, Any]:
    return {pair.key: plain(pair.value) for pair in attributes}


def plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return tuple(plain(item) for item in value.array_value.values)
    return getattr(value, kind)


class Receiver(Sink):
    """OTLP over HTTP: `with Receiver() as r:` serves at `r.url`; `stop` and `start` make the endpoint go and come back."""

    def __init__(self, mode: Any = "take") -> None:
        super().__init__(mode)
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}

    def __enter__(self) -> Receiver:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> Receiver:
        self.released.clear()
        self._server = _Server((HOST, self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *how: Any) -> None:
        super().__init__(*how)
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep, as a server that dies does."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is what some tests are about."""


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sink.requests.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            if sink.mode == "hang":
                sink.released.wait(60)
                self.close_connection = True
                return
            status = 200 if sink.mode == "take" else sink.mode
            if status == 200 and self.path != "/v1/traces":
                status = 404
            answer = b""
            if status == 200:
                message = ExportTraceServiceRequest.FromString(_UNPACK[self.headers["content-encoding"]](body))
                answer = sink.take(message).SerializeToString()
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + sink.ahead_s)

        def log_message(self, *args: Any) -> None:
            """Tests look at the sink."""

    return Handler


class GrpcReceiver(Sink):
    """OTLP over gRPC."""

    def __init__(self, mode: Any = "take") -> None:
        super().__init__(mode)
        self.port = free_port()

    @property
    def env(self) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{HOST}:{self.port}", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}

    def __enter__(self) -> GrpcReceiver:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> GrpcReceiver:
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        rpc.add_TraceServiceServicer_to_server(_service(self), self._server)
        assert self._server.add_insecure_port(f"{HOST}:{self.port}") == self.port
        self._server.start()
        return self

    def stop(self) -> None:
        self.released.set()
        self._server.stop(0).wait()


def _service(sink: Sink) -> Any:
    class Service(rpc.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:
            sink.requests.append(dict(context.invocation_metadata()))
            if sink.mode == "hang":
                sink.released.wait(60)
            if isinstance(sink.mode, grpc.StatusCode):
                context.abort(sink.mode, "as the test wants")
            return sink.take(request)

    return Service()


def free_port() -> int:
    """Give a port that nothing listens at."""
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def talking(answer: Callable[[socket.socket, bytes], None]) -> Iterator[int]:
    """Serve raw connections at a port: for endpoints that are no HTTP servers at all."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection, connection.recv(65536))

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
