"""LanceDB keeps the contract: vector, full-text, hybrid and plain queries, whichever way their results are taken."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest

lancedb = pytest.importorskip("lancedb")

from stores import DOCUMENTS, METADATA, SOURCE, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401

OLD = lancedb.__version__.startswith("0.19")
IDS = ("doc-0", "doc-1", "doc-2", "doc-3")
pytestmark = pytest.mark.filterwarnings("ignore")


def table(waits: bool) -> Any:
    where = tempfile.mkdtemp()
    rows = [
        {"id": IDS[number], "vector": list(vector), "text": f"{DOCUMENTS[number]} {'word ' * (4 - number)}", "private": METADATA}
        for number, vector in enumerate(VECTORS)
    ]
    made = lancedb.connect(where).create_table(SOURCE, rows)
    made.create_fts_index("text", **({"use_tantivy": False} if OLD else {}))
    return _asynchronous(where) if waits else made


async def _asynchronous(where: str) -> Any:
    return await (await lancedb.connect_async(where)).open_table(SOURCE)


SYNC, ASYNC = (False,), (True,)
NAMELESS: dict[str, Any] = {"source": None, "top_k": None} if OLD else {}
LOOKS = {
    "cosine": Look(
        lambda t, text: t.search([1.0, 0.0]).metric("cosine").where(f"private = '{METADATA}'").limit(2).to_list(),
        {"count": 2, "top_score": 1.0, "sources": IDS[:2], "top_k": 2}, sides=SYNC,
    ),
    "distance": Look(
        lambda t, text: t.search([1.0, 0.0]).limit(3).to_pandas(),
        {"count": 3, "top_score": None, "sources": IDS[:3], "top_k": 3}, sides=SYNC,
    ),
    "empty": Look(
        lambda t, text: t.search([1.0, 0.0]).where(f"private = '{text}'").limit(2).to_arrow(),
        {"count": 0, "top_score": None, "sources": None, "top_k": 2}, sides=SYNC,
    ),
    "full text": Look(
        lambda t, text: t.search("word", query_type="fts").limit(2).to_list(),
        {"count": 2, "sources": IDS[:2], "top_k": 2}, sides=SYNC,
    ),
    "hybrid": Look(
        lambda t, text: t.search(query_type="hybrid").vector([1.0, 0.0]).text("word").limit(2).to_list(),
        {"count": 2, "sources": IDS[:2], "top_k": 2}, sides=SYNC,
    ),
    "filter": Look(
        lambda t, text: t.search().where("id = 'doc-2'").limit(5).to_list(),
        {"count": 1, "top_score": None, "sources": IDS[2:3], "top_k": 5}, sides=SYNC,
    ),
    "no ids": Look(
        lambda t, text: t.search([1.0, 0.0]).select(["text"]).limit(2).to_list(),
        {"count": 2, "top_score": None, "sources": None, "top_k": 2}, sides=SYNC,
    ),
    "wrong": Look(
        lambda t, text: t.search([1.0, 0.0]).where(f"private = {METADATA.replace(' ', '_')}").limit(2).to_list(),
        {"count": None, "top_score": None, "top_k": 2}, error="RuntimeError" if OLD else "ValueError", sides=SYNC,
    ),
    "async cosine": Look(
        lambda t, text: t.query().nearest_to([1.0, 0.0]).distance_type("cosine").limit(2).to_list(),
        {"count": 2, "top_score": None if OLD else 1.0, "sources": IDS[:2], "top_k": 2} | NAMELESS, sides=ASYNC,
    ),
    "async empty": Look(
        lambda t, text: t.query().nearest_to([1.0, 0.0]).where(f"private = '{text}'").limit(2).to_pandas(),
        {"count": 0, "top_score": None, "sources": None, "top_k": 2} | NAMELESS, sides=ASYNC,
    ),
    "async hybrid": Look(
        lambda t, text: t.query().nearest_to([1.0, 0.0]).nearest_to_text("word").limit(2).to_arrow(),
        {"count": 2, "sources": IDS[:2], "top_k": 2} | NAMELESS, sides=ASYNC,
    ),
    "async filter": Look(
        lambda t, text: t.query().where("id = 'doc-2'").limit(5).to_list(),
        {"count": 1, "top_score": None, "sources": IDS[2:3], "top_k": 5} | NAMELESS, sides=ASYNC,
    ),
    "async wrong": Look(
        lambda t, text: t.query().where(f"private = {METADATA.replace(' ', '_')}").limit(2).to_list(),
        {"count": None, "top_score": None, "top_k": 2} | NAMELESS, error="RuntimeError" if OLD else "ValueError", sides=ASYNC,
    ),
}  # fmt: skip


class TestLanceDB(Stores):
    store = Store("lancedb", ("lancedb.query",), table, LOOKS, {"provider": "lancedb", "source": SOURCE, "server_address": None})


def test_scores(held: Any, arm: Any) -> None:
    """A full-text score and a hybrid search's relevance are scores, highest first."""
    recorded, filled = arm(), held.give(TestLanceDB.store, waits=False)
    for name, column in (("full text", "_score"), ("hybrid", "_relevance_score")):
        rows = LOOKS[name].call(filled, "")
        assert recorded.retrievals[-1].top_score == max(row[column] for row in rows) > 0
