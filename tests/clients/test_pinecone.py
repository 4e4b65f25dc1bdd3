"""Pinecone keeps the contract: an index's data plane on loopback."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

pinecone = pytest.importorskip("pinecone")

from stores import METADATA, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import pinecone as spoken  # noqa: E402

from tellmetry.wire.pinecone import index  # noqa: E402

OLD = pinecone.__version__.startswith("7.")
IDS = ("doc-0", "doc-1", "doc-2", "doc-3")
VECTOR = list(VECTORS[0])
_TWO = {"count": 2, "top_score": 0.93, "sources": IDS[:2], "top_k": 2}


def open_at(host: str, waits: bool) -> Any:
    """Give a function that gives the index: since version 8 a plain one holds its own `query` from when it is built."""
    return _asynchronous(host) if waits else lambda: pinecone.Pinecone(api_key="test").Index(host=host)


async def _asynchronous(host: str) -> Any:
    opened = await pinecone.PineconeAsyncio(api_key="test").IndexAsyncio(host=host).__aenter__()
    return lambda: opened


def search(c: Any, text: str, **more: Any) -> Any:
    return c().search(namespace="kb", query={"inputs": {"text": text}, "top_k": 2}, **more)


LOOKS = {
    "query": Look(
        lambda c, text: c().query(vector=VECTOR, top_k=2, namespace="kb", filter={"tag": METADATA}, include_metadata=True), _TWO
    ),
    "by id": Look(lambda c, text: c().query(id="doc-0", top_k=9), _TWO | {"count": 4, "sources": IDS, "top_k": 9}),
    "search": Look(search, _TWO),
    "search with fields": Look(lambda c, text: search(c, text, fields=["text"]), _TWO),
    "records": Look(
        lambda c, text: c().search_records(namespace="kb", query={"inputs": {"text": text}, "top_k": 2}), _TWO
    ),
    "empty": Look(
        lambda c, text: c().query(vector=VECTOR, top_k=3, namespace="empty"),
        {"count": 0, "top_score": None, "sources": None, "top_k": 3},
    ),
    "refused": Look(
        lambda c, text: c().query(vector=VECTOR, top_k=2, namespace="missing"),
        {"count": None, "top_k": 2}, error="PineconeApiException" if OLD else "ApiError",
    ),
}  # fmt: skip


class TestPinecone(Stores):
    store = Store(
        "pinecone", ("pinecone",), lambda waits: open_at(spoken.cosine(), waits), LOOKS,
        {
            "provider": "pinecone", "source": "127.0.0.1", "server_address": "127.0.0.1",
            "server_port": urlsplit(spoken.cosine()).port,
        },
        deaf=("pinecone",),
    )  # fmt: skip


def test_a_distance_is_no_score(arm: Any) -> None:
    """What rises from the best match on is a distance: the index measures in Euclid's way."""
    opened = open_at(spoken.euclidean(), waits=False)
    recorded = arm()
    opened().query(vector=VECTOR, top_k=3)
    (told,) = recorded.retrievals
    assert (told.count, told.top_score, told.sources) == (3, None, IDS[:3])


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("kb-a1b2c3d.svc.us-east-1-aws.pinecone.io", "kb"),
        ("my-own-kb-a1b2c3d.svc.aped-4627-b74a.pinecone.io", "my-own-kb"),
        ("localhost", "localhost"),
        ("", None),
    ],
)
def test_an_index_is_known_by_its_host(host: str, name: str | None) -> None:
    assert index(host) == name
