"""The rendered price list: one header line, then a line a model, parsed when first asked for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from tellmetry.prices.units import OWN_UNITS, Units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tellmetry.prices.tariff import Prices

# Raise it when the layout or the meaning of a line changes: kept tables are then made again.
FORMAT = 1

# Text is equal to the name; a list is a verb and what it looks for. In lower case, as names are.
Clause = str | list[Any]

# LiteLLM and OpenRouter write gpt-5.2-20251211 where the list has gpt-5.2-2025-12-11.
_COMPACT_DATE = re.compile(r"-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


class Model(NamedTuple):
    """One line of the list; a list of prices holds [constraint, prices], the last active counts."""

    id: str
    match: Clause
    prices: Prices | list[list[Any]]
    variants: Sequence[list[Any]] = ()
    minimum_s: int | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of the list; every address that the pattern `api` matches begins with `head`."""

    id: str
    api: str
    head: str
    names: Clause | None
    models: Clause | None
    fallbacks: tuple[str, ...]

    def serves(self, url: str) -> bool:
        """Say whether an API address is this provider's."""
        return url.startswith(self.head) and re.match(self.api, url) is not None


class _Models:
    """The models of one provider in the order of the list, exact names in a dictionary."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self._rows = [Model(*row) for row in rows]
        self._exact: dict[str, int] = {}
        self._loose: list[tuple[int, Clause]] = []
        for place, model in enumerate(self._rows):
            for clause in _alternatives(model.match):
                if isinstance(clause, str):
                    self._exact.setdefault(clause, place)
                else:
                    self._loose.append((place, clause))

    def find(self, name: str) -> Model | None:
        """Give the first model of the list that a name matches."""
        best = self._exact.get(name, len(self._rows))
        for place, clause in self._loose:
            if place >= best:
                break
            if matches(clause, name):
                return self._rows[place]
        return self._rows[best] if best < len(self._rows) else None


class Table:
    """A loaded list: find a provider by its name or address, a model by any of its names."""

    def __init__(self, text: str) -> None:
        first, _, body = text.partition("\n")
        head = _head(first)
        if (head.get("format"), head.get("crc")) != (FORMAT, crc32(body.encode())):
            raise ValueError("this is not a whole price table of the format we read")
        lines = iter(body.splitlines())
        self.version: str = head["version"]
        self.source = f"list:genai-prices-{self.version}"
        self.units = Units({**head["units"], **OWN_UNITS})
        self.providers: dict[str, Provider] = {}
        self._blocks: dict[str, str] = {}
        self._models: dict[str, _Models] = {}
        for name, api, plain, names, models, fallbacks, count in head["providers"]:
            self.providers[name] = Provider(name, api, plain, names, models, tuple(fallbacks))
            self._blocks[name] = ",".join(next(lines) for _ in range(count))

    def provider(self, name: str) -> Provider | None:
        """Find a provider by its id, else the first that answers to the name."""
        return self.providers.get(name) or next(
            (one for one in self.providers.values() if one.names and matches(one.names, name)), None
        )

    def serving(self, url: str) -> Provider | None:
        """Find the provider that an API address belongs to."""
        return next((one for one in self.providers.values() if one.serves(url)), None)

    def guess(self, model: str) -> Provider | None:
        """Find the provider that is known for names like this model's."""
        return next(
            (one for one in self.providers.values() if one.models and matches(one.models, model)),
            None,
        )

    def model(self, provider: Provider, name: str) -> tuple[Model, bool] | None:
        """Find a model, and whether it is the provider's own: Azure's GPT is priced as OpenAI's."""
        for spelling in dict.fromkeys((name, _COMPACT_DATE.sub(_dashed, name))):
            for place in (provider.id, *provider.fallbacks):
                found = self._of(place).find(spelling)
                if found is not None:
                    return found, place == provider.id
        return None

    def _of(self, provider: str) -> _Models:
        models = self._models.get(provider)
        if models is None:
            models = _Models(json.loads(f"[{self._blocks[provider]}]"))
            self._models[provider] = models
        return models


def shipped() -> Table:
    """Load the list that came with this package."""
    return Table(Path(__file__).with_name("table.jsonl").read_text("utf-8"))


def matches(clause: Clause, name: str) -> bool:
    """Say whether a name in lower case is what a clause describes."""
    if isinstance(clause, str):
        return name == clause
    verb, *rest = clause
    if verb == "any":
        return any(matches(one, name) for one in rest)
    if verb == "all":
        return all(matches(one, name) for one in rest)
    return _VERBS[verb](name, rest[0])


def _searched(name: str, pattern: str) -> bool:
    return re.search(pattern, name) is not None


_VERBS = {
    "starts": str.startswith,
    "ends": str.endswith,
    "contains": str.__contains__,
    "regex": _searched,
}


def _alternatives(clause: Clause) -> Iterator[Clause]:
    if isinstance(clause, list) and clause[0] == "any":
        for one in clause[1:]:
            yield from _alternatives(one)
    else:
        yield clause


def _head(line: str) -> dict[str, Any]:
    head = json.loads(line)
    return head if isinstance(head, dict) else {}


def _dashed(match: re.Match[str]) -> str:
    year, month, day = (int(part) for part in match.groups())
    try:
        return f"-{date(year, month, day).isoformat()}"
    except ValueError:
        return match[0]
