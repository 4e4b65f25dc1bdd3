"""The provider's own price list, written by hand: US dollars per million tokens, as published in November 2026."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tellmetry.demo.provider.usage import Usage

PER_MILLION = -6
DEFAULT_TIER = "default"


@dataclass(frozen=True, slots=True)
class Price:
    """One row of the list; a part without a price of its own costs what text input or output costs."""

    input: Decimal
    output: Decimal
    cached: Decimal
    write_5m: Decimal
    write_1h: Decimal
    audio_in: Decimal
    audio_out: Decimal
    web_search: Decimal

    def of(self, usage: Usage) -> Decimal:
        """Charge `usage`, exactly."""
        per_million = (
            (usage.uncached - usage.audio_in) * self.input
            + usage.cached * self.cached
            + usage.write_5m * self.write_5m
            + usage.write_1h * self.write_1h
            + usage.audio_in * self.audio_in
            + (usage.output - usage.audio_out) * self.output
            + usage.audio_out * self.audio_out
        )
        return per_million.scaleb(PER_MILLION) + usage.web_searches * self.web_search


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is served: the snapshot it answers with, and its prices by service tier."""

    snapshot: str
    tiers: dict[str, Price]
    long_above: int | None = None
    long_tiers: dict[str, Price] = field(default_factory=dict)

    def tier(self, asked: str | None) -> str:
        """Name the tier that serves a request: the one asked for where it has a price, else the default."""
        return asked if asked in self.tiers else DEFAULT_TIER

    def charge(self, usage: Usage, tier: str) -> Decimal:
        """Price `usage`; a prompt over the threshold moves every token of the call to the long prices."""
        is_long = self.long_above is not None and usage.input > self.long_above
        return (self.long_tiers if is_long else self.tiers)[self.tier(tier)].of(usage)


def _price(input_: str, output: str = "0", **parts: str) -> Price:
    given = {name: Decimal(usd) for name, usd in parts.items()}
    inputs = dict.fromkeys(("cached", "write_5m", "write_1h", "audio_in"), Decimal(input_))
    rest = {"audio_out": Decimal(output), "web_search": Decimal(0)}
    return Price(input=Decimal(input_), output=Decimal(output), **(inputs | rest | given))


def _openai(
    snapshot: str,
    default: tuple[str, str, str],
    flex: tuple[str, str, str] | None = None,
    priority: tuple[str, str, str] | None = None,
) -> Model:
    """Read (input, cached input, output) for each tier; "fast" is priority under its newer name."""
    rows = {DEFAULT_TIER: default, "flex": flex, "priority": priority, "fast": priority}
    tiers = {tier: _price(row[0], row[2], cached=row[1]) for tier, row in rows.items() if row}
    return Model(snapshot, tiers)


def _claude(input_: str, output: str, cached: str, write_5m: str, write_1h: str) -> Price:
    parts = {"cached": cached, "write_5m": write_5m, "write_1h": write_1h}
    return _price(input_, output, web_search="0.01", **parts)


def _plain(snapshot: str, price: Price) -> Model:
    return Model(snapshot, {DEFAULT_TIER: price})


_SONNET_4_5 = _claude("3", "15", "0.30", "3.75", "6")
_SONNET_4_5_LONG = _claude("6", "22.50", "0.60", "7.50", "12")
_GPT_6_SOL = {
    DEFAULT_TIER: _price("2", "10", cached="0.20", write_5m="2.50"),
    "flex": _price("1", "5", cached="0.10", write_5m="1.25"),
    "priority": _price("4", "20", cached="0.40", write_5m="5"),
}
_GPT_6_SOL_LONG = {
    DEFAULT_TIER: _price("4", "15", cached="0.40", write_5m="5"),
    "flex": _price("2", "7.50", cached="0.20", write_5m="2.50"),
    "priority": _price("8", "30", cached="0.80", write_5m="10"),
}

MODELS: dict[str, Model] = {
    "gpt-4o-mini": _openai(
        "gpt-4o-mini-2024-07-18",
        ("0.15", "0.075", "0.60"),
        priority=("0.25", "0.125", "1"),
    ),
    "gpt-4o": _openai("gpt-4o-2024-08-06", ("2.50", "1.25", "10"), priority=("4.25", "2.125", "17")),
    "gpt-4.1-mini": _openai("gpt-4.1-mini-2025-04-14", ("0.40", "0.10", "1.60"), priority=("0.70", "0.175", "2.80")),
    "gpt-5": _openai(
        "gpt-5-2025-08-07",
        ("1.25", "0.125", "10"),
        flex=("0.625", "0.0625", "5"),
        priority=("2.50", "0.25", "20"),
    ),
    "gpt-5-mini": _openai(
        "gpt-5-mini-2025-08-07",
        ("0.25", "0.025", "2"),
        flex=("0.125", "0.0125", "1"),
        priority=("0.45", "0.045", "3.60"),
    ),
    "gpt-5-nano": _openai("gpt-5-nano-2025-08-07", ("0.05", "0.005", "0.40"), flex=("0.025", "0.0025", "0.20")),
    "gpt-6-sol": Model("gpt-6-sol", _GPT_6_SOL, 272_000, _GPT_6_SOL_LONG),
    "o3": _openai(
        "o3-2025-04-16",
        ("2", "0.50", "8"),
        flex=("1", "0.25", "4"),
        priority=("3.50", "0.875", "14"),
    ),
    "gpt-audio": _plain("gpt-audio-2025-08-28", _price("2.50", "10", audio_in="32", audio_out="64")),
    "gpt-3.5-turbo-instruct": _plain("gpt-3.5-turbo-instruct", _price("1.50", "2")),
    "text-embedding-3-small": _plain("text-embedding-3-small", _price("0.02")),
    "text-embedding-3-large": _plain("text-embedding-3-large", _price("0.13")),
    "omni-moderation-latest": _plain("omni-moderation-2024-09-26", _price("0")),
    "claude-haiku-4-5": _plain("claude-haiku-4-5-20251001", _claude("1", "5", "0.10", "1.25", "2")),
    "claude-sonnet-4-5": Model(
        "claude-sonnet-4-5-20250929",
        {DEFAULT_TIER: _SONNET_4_5},
        200_000,
        {DEFAULT_TIER: _SONNET_4_5_LONG},
    ),
    "claude-opus-4-1": _plain("claude-opus-4-1-20250805", _claude("15", "75", "1.50", "18.75", "30")),
    "claude-opus-5-5": Model(
        "claude-opus-5-5",
        {
            DEFAULT_TIER: _claude("4", "20", "0.20", "5", "8"),
            "fast": _claude("8", "40", "0.40", "10", "16"),
        },
    ),
    "claude-sonnet-5-5": _plain("claude-sonnet-5-5", _claude("2", "10", "0.10", "2.50", "4")),
}

_BY_NAME = {**MODELS, **{model.snapshot: model for model in MODELS.values()}}


def find(name: str) -> Model | None:
    """Look a model up by its alias or by the snapshot it answers with."""
    return _BY_NAME.get(name)
