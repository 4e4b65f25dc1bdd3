"""Milvus' client keeps the contract, against Milvus Lite."""

from __future__ import annotations

import functools
import tempfile
from types import SimpleNamespace
from typing import Any

import pytest

pymilvus = pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from stores import DOCUMENTS, METADATA, SOURCE, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401

OLD = pymilvus.__version__.startswith("2.")
DISTANT = "distant"
pytestmark = pytest.mark.filterwarnings("ignore")


@functools.cache
def file() -> str:
    """Fill one Milvus Lite; give its file."""
    where = f"{tempfile.mkdtemp()}/milvus.db"
    client = pymilvus.MilvusClient(where)
    for name, metric in ((SOURCE, "COSINE"), (DISTANT, "L2")):
        client.create_collection(name, dimension=2, metric_type=metric)
        rows = [
            {"id": number, "vector": list(vector), "text": DOCUMENTS[number], "private": METADATA}
            for number, vector in enumerate(VECTORS)
        ]
        client.insert(name, rows)
    return where


def opened(waits: bool) -> Any:
    return _asynchronous(file()) if waits else pymilvus.MilvusClient(file())


async def _asynchronous(where: str) -> Any:
    return pymilvus.AsyncMilvusClient(where)


def hybrid(client: Any, text: str) -> Any:
    asks = [pymilvus.AnnSearchRequest([[1.0, 0.0]], "vector", {}, 4, expr=f"private == '{METADATA}'")] * 2
    return client.hybrid_search(SOURCE, asks, pymilvus.RRFRanker(), 2)


LOOKS = {
    "search": Look(
        lambda c, text: c.search(SOURCE, [[1.0, 0.0]], f"private == '{METADATA}'", 2, output_fields=["text"]),
        {"count": 2, "top_score": 1.0, "sources": ("0", "1"), "top_k": 2},
    ),
    "one": Look(
        lambda c, text: c.search(SOURCE, [[0.8, 0.6]], limit=1, search_params={"metric_type": "COSINE"}),
        {"count": 1, "top_score": 1.0, "sources": ("1",), "top_k": 1},
    ),
    "distance": Look(
        lambda c, text: c.search(DISTANT, [[1.0, 0.0]], limit=3),
        {"source": DISTANT, "count": 3, "top_score": None, "sources": ("0", "1", "2"), "top_k": 3},
    ),
    "batch": Look(
        lambda c, text: c.search(collection_name=SOURCE, data=[[1.0, 0.0], [0.0, 1.0]], limit=2),
        {"count": 4, "top_score": 1.0, "sources": ("0", "1", "3", "2"), "top_k": 2},
    ),
    "empty": Look(
        lambda c, text: c.search(SOURCE, [[1.0, 0.0]], filter=f"private == '{text}'"),
        {"count": 0, "top_score": None, "sources": None, "top_k": 10},
    ),
    "query": Look(
        lambda c, text: c.query(SOURCE, filter="id > 1", limit=5, output_fields=["text"]),
        {"count": 2, "top_score": None, "sources": ("2", "3"), "top_k": 5},
    ),
    "query nothing": Look(
        lambda c, text: c.query(SOURCE, filter=f"private == '{text}'"), {"count": 0, "sources": None, "top_k": None}
    ),
    "get": Look(lambda c, text: c.get(SOURCE, [1, 99]), {"count": 1, "top_score": None, "sources": ("1",), "top_k": None}),
    "wrong": Look(
        lambda c, text: c.search(SOURCE, [[1.0]], filter=f"private == '{METADATA}'"),
        {"count": None, "top_k": 10}, error="MilvusException",
    ),
    "hybrid": Look(
        hybrid, {"count": None, "top_k": 2} if OLD else {"count": 2, "top_score": 0.0328, "sources": ("0", "1"), "top_k": 2},
        error="MilvusException" if OLD else None,  # this Milvus Lite does not understand the older client's request
    ),
}  # fmt: skip


class TestMilvus(Stores):
    store = Store(
        "pymilvus", ("pymilvus.milvus_client.milvus_client", "pymilvus.milvus_client.async_milvus_client"), opened, LOOKS,
        {"provider": "milvus", "source": SOURCE, "server_address": None if OLD else "127.0.0.1"},
        deaf=("pymilvus", "milvus_lite", "grpc"),  # say how long something took, and once what they are
    )  # fmt: skip


def collection(waits: bool) -> Any:
    pymilvus.connections.connect(uri=file())
    made = pymilvus.Collection(SOURCE)
    made.load()
    return made


class TestCollection(Stores):
    store = Store(
        "pymilvus", ("pymilvus.orm.collection",), collection,
        {
            "search": Look(
                lambda c, text: c.search([[1.0, 0.0]], "vector", {"metric_type": "COSINE"}, 1, expr=f"private == '{METADATA}'"),
                {"count": 1, "top_score": 1.0, "sources": ("0",), "top_k": 1},
            ),
            "query": Look(
                lambda c, text: c.query("id > 1", limit=5, output_fields=["text"]),
                {"count": 2, "top_score": None, "sources": ("2", "3"), "top_k": 5},
            ),
            "wrong": Look(
                lambda c, text: c.search([[1.0]], anns_field="vector", param={}, limit=2),
                {"count": None, "top_k": 2}, error="MilvusException",
            ),
        },
        {"provider": "milvus", "source": SOURCE, "server_address": None}, sides=(False,), deaf=("pymilvus", "milvus_lite", "grpc"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("http://127.0.0.1:19530-5f4dcc3b5aa765d61d8327deb882cf99", "http://127.0.0.1:19530"),
        ("async-https://root:secret@milvus.example.com/db-root", "https://milvus.example.com"),
        ("/tmp/milvus.db", None),
        ("default", None),
    ],
)
def test_the_server_in_the_name_of_a_connection(name: str, url: str | None) -> None:
    """Until 2.6: with neither user nor password."""
    from tellmetry.clients.pymilvus import _url

    assert _url(SimpleNamespace(_using=name)) == url
