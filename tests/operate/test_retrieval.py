"""How much a retrieval found, how good it was, and never its text."""

from __future__ import annotations

from contextvars import copy_context

import pytest
from recording import Recording

import tellmetry
from tellmetry import guard
from tellmetry.engine.call import Call
from tellmetry.record import Retrieval


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


def _inner(count: int | None, score: float | None = None, *sources: str) -> None:
    """Tell a look-up of a store's inside what is open now."""
    _begun(count, score, *sources).end()


def _begun(count: int | None, score: float | None = None, *sources: str) -> Call:
    part = Retrieval()
    part.provider, part.source, part.client = "chroma", "vectors", "chromadb"

    class Wire:
        OPERATION = "retrieval"
        request = reply = chunk = staticmethod(lambda *_: None)

    call = Call(part, Wire(), None)
    part.count, part.top_score, part.sources = count, score, sources or None
    return call


def test_the_store_inside_is_told_as_the_one_retrieval(recorded: Recording) -> None:
    """The app names it; what it does not say is taken from the stores, whose counts add up."""
    with tellmetry.retrieval("handbook"):
        _inner(2, 0.5, "a", "b")
        _inner(1, 0.75, "b")
        _inner(None)  # failed, and the app went on
    (told,) = recorded.retrievals
    assert (told.source, told.provider, told.client) == ("handbook", "chroma", "chromadb")
    assert (told.count, told.top_score, told.sources) == (3, 0.75, ("a", "b"))


def test_what_was_sorted_out_is_not_told(recorded: Recording) -> None:
    """Where the app keeps fewer than the store found, ids and score of all of them would say too much."""
    with tellmetry.retrieval("handbook") as found:
        _inner(3, 0.5, "a", "b", "c")
        found.results(1)
    (told,) = recorded.retrievals
    assert (told.provider, told.count, told.top_score, told.sources) == ("chroma", 1, None, None)


def test_a_look_up_in_a_retrieval_in_a_retrieval(recorded: Recording) -> None:
    with tellmetry.retrieval("shelf"), tellmetry.retrieval("handbook"):
        _inner(2, 0.5, "a")
    inner, outer = recorded.retrievals
    assert (inner.source, inner.count, outer.source, outer.count) == ("handbook", 2, "shelf", None)


def test_a_retrieval_that_has_ended_takes_nothing(recorded: Recording) -> None:
    """A task that outlives the retrieval it was started in looks up on its own account."""

    with tellmetry.retrieval("handbook"):
        context = copy_context()
    context.run(_inner, 1)
    ended, own = recorded.retrievals
    assert (ended.count, own.source, own.count) == (None, "vectors", 1)


def test_a_look_up_that_outlives_its_retrieval(recorded: Recording) -> None:
    """It is not lost: it is told by itself."""
    with tellmetry.retrieval("handbook"):
        late = _begun(1)
    late.end()
    ended, own = recorded.retrievals
    assert (ended.count, own.source, own.count) == (None, "vectors", 1)
    assert own.span is not None
