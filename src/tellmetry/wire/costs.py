"""Providers that say in their answer what it cost: that is the invoice, and no list is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import ModelCall
from tellmetry.wire.shape import all_fields, number

_TICKS_A_DOLLAR = 10**10


def _openrouter(told: Mapping[str, Any]) -> float | None:
    """Read credits, which are dollars; with a key of one's own, what that provider charges comes on top."""
    usd = number(told.get("cost"))
    if usd is None or not told.get("is_byok"):
        return usd
    return usd + (number(all_fields(told.get("cost_details")).get("upstream_inference_cost")) or 0.0)


def _perplexity(told: Mapping[str, Any]) -> float | None:
    return number(all_fields(told.get("cost")).get("total_cost"))


def _xai(told: Mapping[str, Any]) -> float | None:
    ticks = number(told.get("cost_in_usd_ticks"))
    return None if ticks is None else ticks / _TICKS_A_DOLLAR


TOLD: dict[str | None, Callable[[Mapping[str, Any]], float | None]] = {
    "openrouter": _openrouter,
    "perplexity": _perplexity,
    "x_ai": _xai,
}


def take(call: ModelCall, usage: Mapping[str, Any]) -> None:
    """Take the cost that the provider of a call says, where it does."""
    usd = TOLD[call.provider](usage)
    if usd is not None:
        call.cost_usd, call.cost_source = usd, names.FROM_PROVIDER
