"""What frameworks give of retrievals and tools, in the shapes of each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tellmetry.record import Retrieval, ToolCall
from tellmetry.wire import documents, tools

TEXT = "canary-7f3a"
SHAPES = {
    "langchain": [SimpleNamespace(id="a", page_content=TEXT, metadata={"score": 0.4}), SimpleNamespace(id="b", metadata={})],
    "llama-index": [
        SimpleNamespace(score=0.4, node=SimpleNamespace(id_="a", text=TEXT)),
        SimpleNamespace(score=None, node=SimpleNamespace(id_="b")),
    ],
    "haystack": [SimpleNamespace(id="a", score=0.4, content=TEXT), SimpleNamespace(id="b", score=0.1)],
    "plain": [{"id": "a", "score": 0.4, "text": TEXT}, {"id": "b"}],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_counts_the_best_score_and_ids(shape: str) -> None:
    record = Retrieval()
    documents.request(record, {"source": "faq", "top_k": 2})
    documents.reply(record, SHAPES[shape])
    assert (record.source, record.top_k, record.count, record.top_score) == ("faq", 2, 2, 0.4)
    assert record.sources == ("a", "b")
    assert TEXT not in repr(vars(record))


def test_an_id_may_be_an_address_and_a_score_no_number() -> None:
    """As with a store's own ids: what looks like a person or a key is masked, and nothing is the best of nothing."""
    record = Retrieval()
    documents.reply(record, [{"id": "ann@example.org", "score": float("nan")}, {"id": "b", "score": 0.1}])
    assert (record.count, record.top_score, record.sources) == (2, 0.1, ("[masked]", "b"))


@pytest.mark.parametrize("given", [None, "", {}, 7, [], ()])
def test_nothing_found(given: Any) -> None:
    record = Retrieval()
    documents.request(record, {})
    documents.reply(record, given)
    assert (record.count, record.top_score, record.sources) == (0, None, None)


def test_documents_without_anything_are_counted() -> None:
    record = Retrieval()
    documents.reply(record, [None, object(), "text", {"score": "high", "id": 7}])
    assert (record.count, record.top_score, record.sources) == (4, None, None)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("fine", None),
        (SimpleNamespace(status="success"), None),
        (SimpleNamespace(status="error", content=TEXT), "tool_error"),
        (SimpleNamespace(is_error=True), "tool_error"),
        (SimpleNamespace(is_error=False), None),
    ],
)
def test_a_tool_that_gave_its_error_to_the_model_has_failed(given: Any, error: str | None) -> None:
    record = ToolCall()
    tools.request(record, {"name": "lookup", "call_id": "call_1"})
    tools.reply(record, given)
    assert (record.name, record.call_id, record.tool_type, record.error_type) == (
        "execute_tool lookup", "call_1", "function", error,
    )  # fmt: skip
