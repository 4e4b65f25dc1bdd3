"""What can go wrong with a whole day: each burst moves one figure that an alert looks at, and leaves the rest alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tellmetry.demo.acme import models
from tellmetry.demo.day.case import Kind, Says, quoted


class Burst(NamedTuple):
    """One way in which a day goes wrong: rules for the provider, and what arrives more or less often."""

    says: str
    rules: tuple[Says, ...] = ()
    more: Mapping[Kind | str, float] = MappingProxyType({})
    """Factors on the weights of a kind of job, or of the cases that show something."""
    has_lawyer: bool = True


_OUT = "status=503 retry_after_ms=20"
_ROUTE = quoted({"route": "nobody", "confidence": 0.9})
_SCORE = quoted({"score": 0.55})
_FIRM = "say='We guarantee that your bikes stand at your door on the first of March.'"

BURSTS: dict[str, Burst] = {
    "cost": Burst(
        "an agent that does not stop: contract_review reads on and on, with the dearest model",
        (Says("rounds=40 input=60000 output=1500", {"model": models.REVIEWING}),),
        {"contract": 12},
    ),
    "failure": Burst(
        "the provider is out: gpt-4o-mini and gpt-5-mini answer 503 to every attempt",
        (Says(_OUT, {"model": models.SORTING}), Says(_OUT, {"model": models.ANSWERING})),
    ),
    "latency": Burst(
        "the provider is slow: gpt-5-mini needs 35 seconds to its first word",
        (Says("slow=35", {"model": models.ANSWERING}),),
    ),
    "ratelimit": Burst(
        "too fast for the provider: gpt-4o-mini answers 429 to the first two attempts of every call",
        (Says("status=429 times=2 retry_after_ms=100 remaining_requests=0", {"model": models.SORTING}),),
    ),
    "fallback": Burst(
        "the cheap model cannot be had: every lead is sorted by the careful one",
        (Says("status=503 should_retry=false", {"model": models.SORTING}),),
    ),
    "guardrail": Burst(
        "replies promise too much: the guardrail blocks every one",
        (Says(_FIRM, {"model": models.WRITING}),),
    ),
    "retrieval": Burst("people ask what no manual says", more={"empty retrieval": 400}),
    "quality": Burst(
        "a worse model behind the same name: wrong routes, poor redlines",
        (Says(f"say={_ROUTE}", {"model": models.SORTING}), Says(f"say={_SCORE}", {"model": models.JUDGING})),
        {"contract": 6},
    ),
    "review": Burst("the lawyer is away: redlines wait for a decision", more={"contract": 12}, has_lawyer=False),
    "unpriced": Burst("everything is translated, by a model without a price", more={"unpriced model": 400}),
}
