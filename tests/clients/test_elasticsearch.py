"""Elasticsearch keeps the contract against a loopback server; a search is one span, ours."""

from __future__ import annotations

from typing import Any

import pytest

elasticsearch = pytest.importorskip("elasticsearch")

from opentelemetry import trace  # noqa: E402
from stores import VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401
from stores_servers import elastic  # noqa: E402
from stores_servers.elastic import IDS, MATCH, MISSING, NONE, TWO  # noqa: E402
from tracing import app_provider  # noqa: E402

from tellmetry import names  # noqa: E402

KNN = {"field": "embedding", "query_vector": list(VECTORS[0]), "k": 2, "num_candidates": 10}


def open_store(waits: bool) -> Any:
    kind = elasticsearch.AsyncElasticsearch if waits else elasticsearch.Elasticsearch
    return kind(elastic.elasticsearch(), api_key="test", max_retries=0)


LOOKS = {
    "nearest": Look(lambda c, text: c.search(index="kb", knn=KNN, source=["text"]), TWO),
    "keywords": Look(lambda c, text: c.search(index="kb", query={"match": {"text": text}}, size=2), TWO),
    "body": Look(lambda c, text: c.search(index=["kb"], body={"query": MATCH, "size": 2}), TWO),
    "with options": Look(lambda c, text: c.options(request_timeout=5).search(index="kb", query=MATCH, size=2), TWO),
    "sorted": Look(
        lambda c, text: c.search(index="kb", sort=["date"]), {"count": 4, "top_score": None, "sources": IDS, "top_k": None}
    ),
    "several": Look(
        lambda c, text: c.msearch(searches=[{"index": "kb"}, {"knn": KNN}, {"index": "empty"}, {"query": MATCH}]), TWO
    ),
    "empty": Look(lambda c, text: c.search(index="empty", query=MATCH), NONE),
    "refused": Look(
        lambda c, text: c.search(index="missing", query={"match": {"text": text}}, size=2),
        MISSING, error="NotFoundError",
    ),
}  # fmt: skip


class TestElasticsearch(Stores):
    store = Store(
        "elasticsearch", ("elasticsearch",), open_store, LOOKS, elastic.told("elasticsearch", elastic.elasticsearch()),
        deaf=("elastic_transport",),
    )  # fmt: skip


@pytest.mark.parametrize("waits", [False, True])
def test_one_span(waits: bool, held: Any, arm: Any, monkeypatch: Any) -> None:
    """A search is one span, ours and a client's; what we do not tell is left to the client's own tracing."""
    client = held.give(TestElasticsearch.store, waits)
    with app_provider() as spans:
        monkeypatch.setattr(client._otel, "tracer", trace.get_tracer("elasticsearch-api"))  # theirs keeps the first provider
        held.run(lambda: client.search(index="kb", size=2), waits)
        assert [span.name for span in spans.ours + spans.others] == ["search"]
        spans.clear()
        arm()
        held.run(lambda: client.search(index="kb", size=2), waits)
        assert [span.name for span in spans.others] == []
        assert [(span.name, span.kind.name) for span in spans.ours] == [("retrieval kb", "CLIENT")]
        assert spans.ours[0].attributes[names.RETRIEVAL_COUNT] == 2
        spans.clear()
        held.run(lambda: client.search(index="kb", size=0), waits)
        assert [span.name for span in spans.ours + spans.others] == ["search"]


def test_figures_are_no_look_up(held: Any, arm: Any) -> None:
    """A search of size 0 is for aggregations: an empty retrieval would be a false alarm."""
    client = held.give(TestElasticsearch.store, waits=False)
    recorded = arm()
    client.search(index="kb", size=0, aggs={"tags": {"terms": {"field": "tag"}}})
    assert recorded.retrievals == []
