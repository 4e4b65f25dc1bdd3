"""The comparison itself: it must find each difference, and must not mix what was told with what was estimated."""

from __future__ import annotations

from decimal import Decimal

import pytest
from openai import OpenAI

from tellmetry import names
from tellmetry.demo.account import Account, Side, Sum, billed, recorded
from tellmetry.emit.spans import Finished, Own


def span(**told: object) -> Finished:
    said = {names.OPERATION: "chat", names.REQUEST_MODEL: "m"} | {getattr(names, k): v for k, v in told.items()}
    return Finished("chat m", "client", Own(1, 2, 0, False), 0, 1, said, names.ERROR_TYPE in said)


def side(**parts: object) -> Side:
    one = Side(requests=1)
    one.told["m"] = Sum(**({"calls": 1, "input": 10, "output": 5, "usd": Decimal("0.1")} | parts))
    return one


def test_equal_sides_are_equal() -> None:
    assert Account(side(), side()).is_equal


@pytest.mark.parametrize("field", ["calls", "unpriced", "input", "output", "cached", "written", "reasoning", "usd"])
def test_any_difference_is_found_and_named(field: str) -> None:
    account = Account(side(), side(**{field: 99}))
    assert not account.is_equal
    (said,) = account.differences()
    assert said.startswith(f"m {field}: ") and said.endswith("99 recorded")


def test_the_smallest_dollar_difference_is_found() -> None:
    assert not Account(side(usd=Decimal("0.1")), side(usd=Decimal("0.1") + Decimal("1e-12"))).is_equal


def test_a_model_on_one_side_only_is_a_difference() -> None:
    more = side()
    more.told["other"] = Sum(calls=1)
    assert not Account(side(), more).is_equal and not Account(more, side()).is_equal


def test_requests_and_calls_without_usage_are_compared_by_number() -> None:
    fewer = side()
    fewer.requests = 0
    assert list(Account(side(), fewer).differences()) == ["requests: 1 received, 0 recorded"]
    apart, other = side(), side()
    apart.apart["m"], other.apart["m"] = Sum(calls=1, output=7), Sum(calls=1, output=9)
    assert Account(apart, other).is_equal
    other.apart["m"].calls = 2
    assert list(Account(apart, other).differences()) == ["m calls without usage: 1 on the bill, 2 recorded"]


def test_noise_of_floats_is_no_difference_and_true_amounts_survive() -> None:
    noisy = recorded([span(COST_USD=0.1 + 0.2, INPUT_TOKENS=1, OUTPUT_TOKENS=1)])
    assert noisy.told["m"].usd == Decimal("0.3")
    tiny = recorded([span(COST_USD=2.5e-09)] * 3)
    assert tiny.total.usd == Decimal("0.0000000075")


def test_what_was_not_told_stands_apart() -> None:
    known = {"INPUT_TOKENS": 3, "OUTPUT_TOKENS": 2, "COST_USD": 1.0, "HTTP_STATUS": 200}
    ours = recorded(
        [
            span(**known),
            span(**known, STREAM_ENDING="closed"),  # left after the usage had come: told
            span(**known, STREAM_ENDING="closed", USAGE_ESTIMATED=True),
            span(STREAM_ENDING="cancelled", ERROR_TYPE="cancelled"),  # left before the first word
            span(STREAM_ENDING="failed", ERROR_TYPE="InternalServerError", HTTP_STATUS=503, ATTEMPTS=3),  # never begun
            span(ERROR_TYPE="BadRequestError", HTTP_STATUS=400),
        ]
    )
    assert ours.total.calls == 2 and ours.total.usd == 2
    assert ours.apart["m"].calls == 2
    assert ours.requests == 8 and ours.failed == 2


def test_spans_that_are_no_calls_are_no_calls() -> None:
    assert recorded([span(OPERATION=names.OP_RETRIEVAL), span(OPERATION=names.OP_WORKFLOW, COST_USD=5.0)]) == Side()


def test_the_bill_is_read_by_model_over_keys_and_endpoints(provider) -> None:
    for key in ("sk-a", "sk-b"):
        client = OpenAI(base_url=provider.openai_url, api_key=key, max_retries=0)
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "[[input=10 output=5]]"}])
        client.responses.create(model="gpt-4o-mini", input="[[input=10 output=5]]")
    told = list(
        client.chat.completions.create(
            model="gpt-4o-mini", stream=True, messages=[{"role": "user", "content": "[[input=10 output=5]]"}]
        )
    )
    assert told
    assert provider.bill.settled()
    side = billed(provider.bill)
    assert side.told["gpt-4o-mini"] == Sum(calls=4, input=40, output=20, usd=4 * Decimal("0.0000045"))
    assert side.apart["gpt-4o-mini"].calls == 1
    assert side.requests == 5
