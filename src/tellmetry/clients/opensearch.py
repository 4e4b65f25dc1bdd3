"""OpenSearch's client."""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.record import Retrieval
from tellmetry.wire import elastic


def _url(client: Any) -> str:
    first: dict[str, Any] = next(iter(client.transport.hosts or ()), {})
    return f"{first.get('scheme', 'http')}://{first.get('host', 'localhost')}:{first.get('port', 9200)}"


CLIENT = Client(
    name="opensearch",
    package="opensearch-py",
    tested=("2.8.0", "3.2.0"),
    tells="retrievals",
    places=tuple(
        method(
            "opensearch", f"opensearchpy.{where}:{kind}.{name}", elastic, provider="opensearch", url=_url,
            record=Retrieval, body=arguments("body", "index"), when=elastic.wants_hits,
        )
        for where, kind in (("client", "OpenSearch"), ("_async.client", "AsyncOpenSearch"))
        for name in ("search", "msearch")
    ),
)  # fmt: skip
