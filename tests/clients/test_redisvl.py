"""RedisVL keeps the contract on a real Redis with its search module."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

redisvl = pytest.importorskip("redisvl")

import numpy as np  # noqa: E402
from redisvl.index import AsyncSearchIndex, SearchIndex  # noqa: E402
from redisvl.query import CountQuery, FilterQuery, VectorQuery  # noqa: E402
from redisvl.query.filter import Tag  # noqa: E402
from stores import DOCUMENTS, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import redis  # noqa: E402

QUERY = np.array(VECTORS[0], dtype=np.float32).tobytes()
IDS = tuple(f"kb:{number}" for number in range(4))
_TWO = {"count": 2, "top_score": 1.0, "sources": IDS[:2], "top_k": 2}
BATCH = hasattr(SearchIndex, "batch_query")


def schema(metric: str, name: str) -> dict[str, Any]:
    vector = {"algorithm": "flat", "dims": 2, "distance_metric": metric, "datatype": "float32"}
    fields = [
        {"name": "text", "type": "text"}, {"name": "tag", "type": "tag"},
        {"name": "vector", "type": "vector", "attrs": vector},
    ]  # fmt: skip
    return {"index": {"name": name, "prefix": name}, "fields": fields}


def filled(metric: str = "cosine", name: str = "kb") -> Any:
    index = SearchIndex.from_dict(schema(metric, name), redis_url=redis.url())
    if hasattr(index, "connect"):  # until 0.4
        index.connect(redis.url())
    index.create(overwrite=True, drop=True)
    rows = [
        {"number": str(number), "text": text, "tag": "all", "vector": np.array(vector, dtype=np.float32).tobytes()}
        for number, (text, vector) in enumerate(zip(DOCUMENTS, VECTORS, strict=True))
    ]
    index.load(rows, id_field="number")
    return index


def open_store(waits: bool) -> Any:
    index = filled()
    return _asynchronous() if waits else index


async def _asynchronous() -> Any:
    index = AsyncSearchIndex.from_dict(schema("cosine", "kb"), redis_url=redis.url())
    if hasattr(SearchIndex, "connect"):
        await index.connect(redis.url())
    await index.exists()
    return index


def nearest(results: int = 2, **more: Any) -> Any:
    return VectorQuery(QUERY, "vector", ["text"], num_results=results, **more)


def everything() -> Any:
    return Tag("tag") == "all"


def none(text: str) -> Any:
    return Tag("tag") == text


LOOKS = {
    "nearest": Look(lambda c, text: c.query(nearest()), _TWO),
    "search": Look(lambda c, text: c.search(nearest().query, query_params=nearest().params), _TWO),
    "filter": Look(
        lambda c, text: c.query(FilterQuery(return_fields=["text"], filter_expression=everything(), num_results=3)),
        {"count": 3, "top_score": None, "top_k": 3},
    ),
    "empty": Look(
        lambda c, text: c.query(nearest(filter_expression=none(text))),
        {"count": 0, "top_score": None, "sources": None, "top_k": 2},
    ),
    "refused": Look(
        lambda c, text: c.search(f"@missing:[{text}"), {"count": None}, error="RedisSearchError",
    ),
}  # fmt: skip
if BATCH:
    _FOUR = {"count": 4, "top_score": 1.0, "sources": (*IDS[:2], IDS[2]), "top_k": 2}
    LOOKS |= {
        "batch": Look(lambda c, text: c.batch_query([nearest(), nearest(1)]), _TWO | {"count": 3}),
        "batch search": Look(
            lambda c, text: c.batch_search([(nearest().query, nearest().params), (nearest(1).query, nearest(1).params)]),
            _TWO | {"count": 3},
        ),
        "normalized": Look(lambda c, text: c.query(nearest(normalize_vector_distance=True)), _TWO),
    }


class TestRedisVL(Stores):
    store = Store(
        "redisvl", ("redisvl.index",), open_store, LOOKS,
        {"provider": "redis", "source": "kb", "server_address": "127.0.0.1", "server_port": urlsplit(redis.url()).port},
    )  # fmt: skip


@pytest.mark.parametrize(("metric", "score"), [("ip", 1.0), ("l2", None)])
def test_a_euclidean_distance_is_no_score(metric: str, score: float | None, arm: Any) -> None:
    index = filled(metric, f"{metric}_kb")
    recorded = arm()
    index.query(nearest())
    (told,) = recorded.retrievals
    assert (told.count, told.top_score) == (2, score)


def test_counting_is_no_look_up(held: Any, arm: Any) -> None:
    index = held.give(TestRedisVL.store, waits=False)
    recorded = arm()
    assert index.query(CountQuery(everything())) == 4
    assert recorded.retrievals == []


def test_each_page_is_told(held: Any, arm: Any) -> None:
    index = held.give(TestRedisVL.store, waits=False)
    recorded = arm()
    assert [len(page) for page in index.paginate(FilterQuery(return_fields=["text"], filter_expression=everything()), page_size=2)] == [2, 2]
    assert [told.count for told in recorded.retrievals] == [2, 2, 0]
