"""OpenSearch keeps the contract against a loopback server."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

opensearchpy = pytest.importorskip("opensearchpy")

from stores import METADATA, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import elastic  # noqa: E402

from tellmetry.wire.hosts import host  # noqa: E402
from tellmetry.clients.opensearch import _url  # noqa: E402

IDS = ("doc-0", "doc-1", "doc-2", "doc-3")
KNN = {"knn": {"embedding": {"vector": list(VECTORS[0]), "k": 2}}}
MATCH = {"match": {"text": METADATA}}
_TWO = {"count": 2, "top_score": 0.93, "sources": IDS[:2], "top_k": 2}


def open_store(waits: bool) -> Any:
    return _asynchronous() if waits else opensearchpy.OpenSearch(elastic.opensearch(), max_retries=0)


async def _asynchronous() -> Any:
    return opensearchpy.AsyncOpenSearch(elastic.opensearch(), max_retries=0)


LOOKS = {
    "nearest": Look(lambda c, text: c.search(index="kb", body={"query": KNN, "size": 2}), _TWO),
    "keywords": Look(lambda c, text: c.search(body={"query": {"match": {"text": text}}}, index="kb", params={"size": 2}), _TWO | {"count": 4, "sources": IDS}),
    "several": Look(
        lambda c, text: c.msearch(body=[{"index": "kb"}, {"query": KNN, "size": 2}, {"index": "empty"}, {"query": MATCH}]),
        _TWO,
    ),
    "empty": Look(
        lambda c, text: c.search(index="empty", body={"query": MATCH}),
        {"count": 0, "top_score": None, "sources": None, "top_k": None, "source": "empty"},
    ),
    "refused": Look(
        lambda c, text: c.search(index="missing", body={"query": {"match": {"text": text}}, "size": 2}),
        {"count": None, "top_k": 2, "source": "missing"}, error="NotFoundError",
    ),
}  # fmt: skip


class TestOpenSearch(Stores):
    store = Store(
        "opensearch", ("opensearchpy",), open_store, LOOKS,
        {
            "provider": "opensearch", "source": "kb", "server_address": "127.0.0.1",
            "server_port": urlsplit(elastic.opensearch()).port,
        },
        deaf=("opensearch",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hosts", "told"), [(None, ("localhost", 9200)), ("https://search.example.org", ("search.example.org", 443))]
)
def test_where_the_server_is(hosts: Any, told: tuple[str, int]) -> None:
    assert host(_url(opensearchpy.OpenSearch(hosts)))[1:3] == told
