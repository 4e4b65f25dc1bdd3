"""OpenSearch keeps the contract against a loopback server."""

from __future__ import annotations

from typing import Any

import pytest

opensearchpy = pytest.importorskip("opensearchpy")

from stores import VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import elastic  # noqa: E402
from stores_servers.elastic import IDS, MATCH, MISSING, NONE, TWO  # noqa: E402

from tellmetry.wire.hosts import host  # noqa: E402
from tellmetry.clients.opensearch import _url  # noqa: E402

KNN = {"knn": {"embedding": {"vector": list(VECTORS[0]), "k": 2}}}


def open_store(waits: bool) -> Any:
    return _asynchronous() if waits else opensearchpy.OpenSearch(elastic.opensearch(), max_retries=0)


async def _asynchronous() -> Any:
    return opensearchpy.AsyncOpenSearch(elastic.opensearch(), max_retries=0)


LOOKS = {
    "nearest": Look(lambda c, text: c.search(index="kb", body={"query": KNN, "size": 2}), TWO),
    "keywords": Look(lambda c, text: c.search(body={"query": {"match": {"text": text}}}, index="kb", params={"size": 2}), TWO | {"count": 4, "sources": IDS}),
    "several": Look(
        lambda c, text: c.msearch(body=[{"index": "kb"}, {"query": KNN, "size": 2}, {"index": "empty"}, {"query": MATCH}]),
        TWO,
    ),
    "empty": Look(lambda c, text: c.search(index="empty", body={"query": MATCH}), NONE),
    "refused": Look(
        lambda c, text: c.search(index="missing", body={"query": {"match": {"text": text}}, "size": 2}),
        MISSING, error="NotFoundError",
    ),
}  # fmt: skip


class TestOpenSearch(Stores):
    store = Store(
        "opensearch", ("opensearchpy",), open_store, LOOKS, elastic.told("opensearch", elastic.opensearch()),
        deaf=("opensearch",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hosts", "told"), [(None, ("localhost", 9200)), ("https://search.example.org", ("search.example.org", 443))]
)
def test_where_the_server_is(hosts: Any, told: tuple[str, int]) -> None:
    assert host(_url(opensearchpy.OpenSearch(hosts)))[1:3] == told
