"""Weaviate keeps the contract: every kind of search, over gRPC to a loopback service with the client's own messages."""

from __future__ import annotations

from typing import Any

import pytest

weaviate = pytest.importorskip("weaviate")

from stores import METADATA, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers.weaviate import IDS, server  # noqa: E402
from weaviate.classes.init import AdditionalConfig, Timeout  # noqa: E402
from weaviate.classes.query import Filter, GroupBy, MetadataQuery  # noqa: E402
from weaviate.connect import ConnectionParams  # noqa: E402

VECTOR = [1.0, 0.0]
ALL = MetadataQuery.full()
PICTURE = "aGVsbG8="
_ANY = {"count": 2, "top_score": None, "sources": IDS[:2], "top_k": 2}


def open_store(waits: bool) -> Any:
    at = ConnectionParams.from_params(
        http_host="127.0.0.1", http_port=server().http, http_secure=False,
        grpc_host="127.0.0.1", grpc_port=server().grpc, grpc_secure=False,
    )  # fmt: skip
    kind = weaviate.WeaviateAsyncClient if waits else weaviate.WeaviateClient
    client = kind(at, skip_init_checks=True, additional_config=AdditionalConfig(timeout=Timeout(query=10)))
    return _connected(client) if waits else (client.connect(), client)[1]


async def _connected(client: Any) -> Any:
    await client.connect()
    return client


def kb(client: Any) -> Any:
    return client.collections.get("Kb")


def score(value: float) -> dict[str, Any]:
    return _ANY | {"top_score": pytest.approx(value)}


LOOKS = {
    "near vector": Look(
        lambda c, text: kb(c).query.near_vector(
            VECTOR, limit=2, return_metadata=ALL, filters=Filter.by_property("tag").equal(METADATA)
        ),
        score(0.93),
    ),
    "near vector without scores": Look(lambda c, text: kb(c).query.near_vector(VECTOR, limit=2), _ANY),
    "near text": Look(lambda c, text: kb(c).query.near_text(text, limit=2, return_metadata=ALL), score(0.93)),
    "near object": Look(lambda c, text: kb(c).query.near_object(IDS[0], limit=2), _ANY),
    "near image": Look(lambda c, text: kb(c).query.near_image(PICTURE, limit=2), _ANY),
    "near media": Look(lambda c, text: kb(c).query.near_media(PICTURE, weaviate.classes.query.NearMediaType.IMAGE, limit=2), _ANY),
    "hybrid": Look(
        lambda c, text: kb(c).query.hybrid(text, limit=2, return_metadata=MetadataQuery(score=True)), score(0.465)
    ),
    "keywords": Look(
        lambda c, text: kb(c).query.bm25(text, limit=2, return_metadata=MetadataQuery(score=True)), score(0.465)
    ),
    "fetch": Look(lambda c, text: kb(c).query.fetch_objects(limit=2), _ANY),
    "grouped": Look(
        lambda c, text: kb(c).query.near_vector(
            VECTOR, limit=2, group_by=GroupBy(prop="tag", objects_per_group=2, number_of_groups=1), return_metadata=ALL
        ),
        score(0.93) | {"top_score": None},
    ),
    "generate": Look(lambda c, text: kb(c).generate.near_vector(VECTOR, single_prompt=text, limit=2), _ANY),
    "no limit": Look(lambda c, text: kb(c).query.near_vector(VECTOR), _ANY | {"count": 4, "sources": IDS, "top_k": None}),
    "empty": Look(
        lambda c, text: c.collections.get("Empty").query.near_text(text),
        {"count": 0, "top_score": None, "sources": None, "top_k": None, "source": "Empty"},
    ),
    "refused": Look(
        lambda c, text: c.collections.get("Missing").query.near_text(text, limit=2),
        {"count": None, "top_k": 2, "source": "Missing"}, error="WeaviateQueryError",
    ),
}  # fmt: skip


class TestWeaviate(Stores):
    store = Store(
        "weaviate", ("weaviate",), open_store, LOOKS,
        {"provider": "weaviate", "source": "Kb", "server_address": "127.0.0.1"},
    )  # fmt: skip

    @pytest.fixture(autouse=True)
    def _port(self) -> None:
        self.store.told["server_port"] = server().http


def test_pages_of_an_iterator_are_no_look_up(arm: Any) -> None:
    client = open_store(waits=False)
    recorded = arm()
    assert next(iter(kb(client).iterator())).uuid
    client.close()
    assert recorded.retrievals == []
