"""The provider's bill and ours, by model: what the provider told us must be equal, to the call and the picodollar.

Calls of which the provider told no usage (a stream that was left or broke off) stand apart: their number must be
equal, their tokens are an estimate of ours and are never added to the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any

from tellmetry import names
from tellmetry.demo.provider import Bill, Tally
from tellmetry.emit.spans import Finished

# Finer than any price of any single token, coarser than the noise of a float: rounding to it changes no true amount.
PICODOLLAR = Decimal("1e-12")
_FIRST_ERROR = 400


@dataclass(slots=True)
class Sum:
    """What calls used and cost."""

    calls: int = 0
    unpriced: int = 0
    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0
    usd: Decimal = Decimal(0)

    def add(self, other: Sum) -> None:
        """Add another sum."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def as_json(self) -> dict[str, Any]:
        """Show the counts, and the dollars as an exact decimal string."""
        return {**asdict(self), "usd": f"{self.usd.normalize():f}"}


def _sums() -> dict[str, Sum]:
    return defaultdict(Sum)


@dataclass(slots=True)
class Side:
    """One account of a run: calls by model, those whose usage was told and those whose usage was not."""

    told: dict[str, Sum] = field(default_factory=_sums)
    apart: dict[str, Sum] = field(default_factory=_sums)
    requests: int = 0
    failed: int = 0
    """Calls that got an error for an answer; the bill counts such requests, not calls, so this is not compared."""

    @property
    def total(self) -> Sum:
        """All calls whose usage was told."""
        return total(self.told)

    def as_json(self) -> dict[str, Any]:
        """Show this side as plain values."""
        parts = {name: getattr(self, name) for name in ("told", "apart")}
        shown = {name: {model: sums[model].as_json() for model in sorted(sums)} for name, sums in parts.items()}
        return {**shown, "requests": self.requests, "failed": self.failed, "total": self.total.as_json()}


def total(sums: dict[str, Sum]) -> Sum:
    """Add up the sums of all models."""
    whole = Sum()
    for one in sums.values():
        whole.add(one)
    return whole


def billed(bill: Bill) -> Side:
    """Read the provider's account."""
    side = Side()
    for line in bill.lines():
        side.requests += line.received
        if line.complete.calls:
            side.told[line.model].add(_of_tally(line.complete))
        for tally in (line.untold, line.cut, line.broken):
            if tally.calls:
                side.apart[line.model].add(_of_tally(tally))
    return side


def _of_tally(tally: Tally) -> Sum:
    used = tally.usage
    written = used.write_5m + used.write_1h
    return Sum(tally.calls, tally.unpriced, used.input, used.output, used.cached, written, used.reasoning, tally.usd)


def recorded(spans: Iterable[Finished]) -> Side:
    """Read our account from the spans."""
    side = Side()
    for span in spans:
        told = span.attributes
        if told.get(names.OPERATION) in names.MODEL_OPERATIONS:
            side.requests += told.get(names.ATTEMPTS, 1)
            if _is_apart(told):
                side.apart[told[names.REQUEST_MODEL]].add(_of_span(told))
            elif names.ERROR_TYPE not in told:
                side.told[told[names.REQUEST_MODEL]].add(_of_span(told))
            else:
                side.failed += 1
    return side


def _is_apart(told: Mapping[str, Any]) -> bool:
    """Tell whether an answer was begun whose usage never came; a call that got an error is no part of a bill."""
    if told.get(names.USAGE_ESTIMATED):
        return True
    broke_off = told.get(names.STREAM_ENDING, "completed") != "completed" and names.OUTPUT_TOKENS not in told
    return broke_off and told.get(names.HTTP_STATUS, 0) < _FIRST_ERROR


def _of_span(told: Mapping[str, Any]) -> Sum:
    return Sum(
        calls=1,
        unpriced=int(told.get(names.COST_SOURCE) == names.UNPRICED),
        input=told.get(names.INPUT_TOKENS, 0),
        output=told.get(names.OUTPUT_TOKENS, 0),
        cached=told.get(names.CACHE_READ_TOKENS, 0),
        written=told.get(names.CACHE_WRITE_TOKENS, 0),
        reasoning=told.get(names.REASONING_TOKENS, 0),
        usd=Decimal(repr(told.get(names.COST_USD, 0.0))).quantize(PICODOLLAR),
    )


@dataclass(frozen=True, slots=True)
class Account:
    """Both sides of one run."""

    bill: Side
    ours: Side

    @property
    def is_equal(self) -> bool:
        """Whether both sides say the same."""
        return not any(True for _ in self.differences())

    @property
    def models(self) -> list[str]:
        """Every model that either side knows, the dearest first."""
        known = {*self.bill.told, *self.ours.told}
        return sorted(known, key=lambda model: (-self.bill.told.get(model, Sum()).usd, model))

    def differences(self) -> Iterator[str]:
        """Say in words where the sides differ."""
        if self.bill.requests != self.ours.requests:
            yield f"requests: {self.bill.requests} received, {self.ours.requests} recorded"
        for model in self.models:
            yield from _differ(model, self.bill.told.get(model, Sum()), self.ours.told.get(model, Sum()))
        for model in sorted({*self.bill.apart, *self.ours.apart}):
            theirs, mine = self.bill.apart.get(model, Sum()).calls, self.ours.apart.get(model, Sum()).calls
            if theirs != mine:
                yield f"{model} calls without usage: {theirs} on the bill, {mine} recorded"

    def as_json(self) -> dict[str, Any]:
        """Show both sides and whether they are equal."""
        differences = list(self.differences())
        sides = {"bill": self.bill.as_json(), "tellmetry": self.ours.as_json()}
        return {"equal": not differences, "differences": differences, **sides}


def _differ(model: str, theirs: Sum, mine: Sum) -> Iterator[str]:
    for one in fields(Sum):
        on_bill, here = getattr(theirs, one.name), getattr(mine, one.name)
        if on_bill != here:
            yield f"{model} {one.name}: {on_bill} on the bill, {here} recorded"
