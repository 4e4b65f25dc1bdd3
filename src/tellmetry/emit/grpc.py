"""The OTLP endpoint by gRPC; imported only when it is asked for. The messages are those of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc  # type: ignore[import-untyped]

from tellmetry import forking
from tellmetry.emit import endpoint, otlp_proto
from tellmetry.emit.endpoint import Endpoint
from tellmetry.emit.spans import Finished
from tellmetry.emit.trouble import Trouble, of_grpc
from tellmetry.version import VERSION

_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_OPTIONS = (("grpc.primary_user_agent", f"tellmetry/{VERSION}"),)


class GrpcSender:
    """One channel to the endpoint."""

    def __init__(self, at: Endpoint) -> None:
        self.url = at.url
        self._timeout_s = at.timeout_s
        self._headers = tuple(at.headers.items())
        self._channel = _channel(at)
        self._export = self._channel.unary_unary(_METHOD)

    def send(self, told: list[Finished], resource: Mapping[str, Any]) -> int:
        """Send spans and give how many of them the endpoint rejected; raises Trouble where it took none."""
        request = otlp_proto.encode(told, resource)
        try:
            with forking.sending:
                answer: bytes = self._export(request, timeout=self._timeout_s, metadata=self._headers)
        except grpc.RpcError as error:
            raise of_grpc(error.code().name, error.details() or "") from error
        except ValueError as error:  # the channel is closed, since the process is leaving
            raise Trouble("connection", "the connection is closed") from error
        return otlp_proto.rejected(answer)

    def interrupt(self) -> None:
        """Break off a transfer that is under way, and let go of the channel."""
        self._channel.close()


def _channel(at: Endpoint) -> Any:
    host = f"[{at.host}]" if ":" in at.host else at.host
    pack = {"gzip": grpc.Compression.Gzip, "deflate": grpc.Compression.Deflate}.get(at.compression)
    if not at.secure:
        return grpc.insecure_channel(f"{host}:{at.port}", options=_OPTIONS, compression=pack)
    mine, theirs = endpoint.certificate("CLIENT_CERTIFICATE"), endpoint.certificate("CERTIFICATE")
    credentials = grpc.ssl_channel_credentials(theirs, endpoint.certificate("CLIENT_KEY") if mine else None, mine)
    return grpc.secure_channel(f"{host}:{at.port}", credentials, options=_OPTIONS, compression=pack)
