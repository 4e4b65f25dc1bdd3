"""Elasticsearch's client, whose own span of a search gives way to ours."""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.engine import native
from tellmetry.record import Retrieval
from tellmetry.wire import elastic


def _url(client: Any) -> str:
    return str(next(iter(client.transport.node_pool.all())).base_url)


CLIENT = Client(
    name="elasticsearch",
    package="elasticsearch",
    tested=("8.19.3", "9.5.1"),
    tells="retrievals",
    places=(
        *(
            method(
                "elasticsearch", f"elasticsearch.{where}.client:{kind}.{name}", elastic,
                provider="elasticsearch", url=_url, record=Retrieval, when=elastic.wants_hits,
            )
            for where, kind in (("_sync", "Elasticsearch"), ("_async", "AsyncElasticsearch"))
            for name in ("search", "msearch")
        ),
        # Since 8.13 it has a span of its own.
        Place("elasticsearch._otel", "OpenTelemetry.span", native.disabled("elasticsearch"), "native spans silenced"),
    ),
)  # fmt: skip
