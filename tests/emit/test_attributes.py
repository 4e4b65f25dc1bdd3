"""What a record has set becomes attributes, whatever was set before it, and nothing else does."""

from __future__ import annotations

from tellmetry import names
from tellmetry.emit import attributes as ours
from tellmetry.record import ModelCall, Retrieval


def call(**fields: object) -> ModelCall:
    made = ModelCall()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_tells_what_is_set_and_is_an_attribute() -> None:
    told = ours.attributes(call(operation="chat", model="m", input_tokens=0, temperature=None, api_url="https://a"))
    assert told == {names.OPERATION: "chat", names.REQUEST_MODEL: "m", names.INPUT_TOKENS: 0}


def test_are_read_as_a_mapping() -> None:
    told = ours.attributes(call(operation="chat", model="m", temperature=None))
    assert (len(told), list(told), dict(told.items())) == (2, [names.OPERATION, names.REQUEST_MODEL], dict(told))
    assert told.get(names.REQUEST_TEMPERATURE) is None and names.REQUEST_TEMPERATURE not in told
    assert told[names.REQUEST_MODEL] == "m"


def test_a_plan_is_of_one_kind_and_one_set_of_fields() -> None:
    for _ in range(2):
        assert ours.attributes(call(operation="chat")) == {names.OPERATION: "chat"}
        assert ours.attributes(call(operation="chat", top_k=None, seed=7)) == {names.OPERATION: "chat", names.REQUEST_SEED: 7}
        assert ours.attributes(call(operation="chat", top_k=3, seed=None))[names.REQUEST_TOP_K] == 3
        found = Retrieval()
        found.top_k = 3
        assert ours.attributes(found) == {names.RETRIEVAL_TOP_K: 3, names.OPERATION: names.OP_RETRIEVAL}
        assert ours.attributes(Retrieval()) == {names.OPERATION: names.OP_RETRIEVAL}


def test_remembers_no_more_plans_than_it_may(monkeypatch) -> None:
    monkeypatch.setattr(ours, "_MOST_PLANS", 2)
    ours._plans.clear()
    for field in ("model", "seed", "top_p", "top_k"):
        assert len(ours.attributes(call(operation="chat", **{field: 1}))) == 2
        assert len(ours._plans) <= 2
