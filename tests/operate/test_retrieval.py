"""How much a retrieval found, how good it was, and never its text."""

from __future__ import annotations

import pytest
from recording import Recording

import tellmetry
from tellmetry import guard


def test_results(recorded: Recording) -> None:
    with tellmetry.retrieval("handbook", top_k=5, provider="chroma") as found:
        found.results(["text a", "text b"], scores=[0.2, 0.9], ids=range(99))
    (told,) = recorded.retrievals
    assert (told.source, told.top_k, told.provider, told.count, told.top_score) == ("handbook", 5, "chroma", 2, 0.9)
    assert told.sources == tuple(map(str, range(32)))
    assert "text a" not in repr(recorded.attributes(told))


@pytest.mark.parametrize(("answer", "count"), [([], 0), (["a"], 1), (iter("a"), None)])
def test_decorator(answer: object, count: int | None, recorded: Recording) -> None:
    @tellmetry.retrieval("handbook")
    def look() -> object:
        return answer

    assert look() is answer
    assert recorded.retrievals[0].count == count


def test_what_cannot_be_counted_does_no_harm(recorded: Recording) -> None:
    guard.strict = False
    with tellmetry.retrieval("handbook") as found:
        found.results(iter("abc"), scores=[None])  # type: ignore[arg-type, list-item]
    assert len(recorded.retrievals) == 1
    assert guard.lost["noting what was retrieved"] == 1


def test_a_tool(recorded: Recording) -> None:
    with tellmetry.workflow("triage"), tellmetry.tool("lookup"):
        pass
    assert recorded.runs[0].tools == ("lookup",)


def test_inert_while_nothing_is_recorded() -> None:
    with tellmetry.retrieval("handbook") as found:
        found.results(3)
