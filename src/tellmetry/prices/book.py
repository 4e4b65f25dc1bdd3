"""Finds the prices of a call: the user's own first, then the list's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tellmetry.prices.rates import Rates
from tellmetry.prices.table import Model, Provider, Table

if TYPE_CHECKING:
    from tellmetry.prices.custom import Entry

# How a request was made, as far as prices depend on it: ("service_tier", "flex"), ("speed", "fast").
Context = tuple[tuple[str, str], ...]

# How many combinations of provider, models and context stay ready to multiply.
_KEPT = 1_000

# Names that OpenTelemetry and LiteLLM give to providers, where the list does not know them or would
# take them for another's: azure.ai.openai contains openai.
_LISTED_AS = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure_openai": "azure",
    "azure_ai": "azure",
    "gcp.gen_ai": "google",
    "fireworks_ai": "fireworks",
    "x_ai": "x-ai",
}

# What Gemini, Vertex and Bedrock may write in front of a model's name.
_ROUTES = ("models/", "publishers/", "projects/", "arn:")


class Book:
    """One list and one file of own prices; `rates` remembers what it found, or did not."""

    def __init__(self, table: Table, entries: tuple[Entry, ...]) -> None:
        self.table = table
        self._entries = entries
        self.rates = lru_cache(_KEPT)(self._find)

    def _find(
        self, provider: str, models: tuple[str | None, ...], api_url: str | None, context: Context
    ) -> Rates | None:
        name = provider.strip().lower()
        asked = [model.lower() for model in models if model]
        facts = _facts(context)
        own = self._own(name, asked, api_url, facts) if self._entries else None
        return own or self._listed(name, asked, api_url, facts)

    def _own(self, name: str, models: list[str], api_url: str | None, facts: dict[str, str]) -> Rates | None:
        place = self._place(name, api_url)
        names = {name, place.id} if place else {name}
        for model in models:
            for entry in self._entries:
                if entry.covers(names, model, facts):
                    row = Model(model, model, entry.prices)
                    return Rates(row, {}, self.table.units, "custom")
        return None

    def _listed(self, name: str, models: list[str], api_url: str | None, facts: dict[str, str]) -> Rates | None:
        for asked in models:
            place, model = self._routed(name, asked, api_url)
            found = place and self._model(place, model)
            if found:
                row, own = found
                # Variants are a provider's own: who resells the model may bill batches otherwise.
                return Rates(row, facts if own else {}, self.table.units, self.table.source)
        return None

    def _routed(self, name: str, model: str, api_url: str | None) -> tuple[Provider | None, str]:
        """Read LiteLLM's `provider/model`; other names stay as they are."""
        if name != "litellm":
            return self._place(name, api_url), model
        prefix, slash, rest = model.partition("/")
        if not slash:
            return self._place(name, api_url) or self.table.guess(model), model
        return self._place(prefix, None), rest

    def _place(self, name: str, api_url: str | None) -> Provider | None:
        """Find the provider; an address is better evidence than the name of the client used."""
        named = self.table.provider(_LISTED_AS.get(name, name))
        if not api_url or (named and named.serves(api_url)):
            return named
        return self.table.serving(api_url) or named

    def _model(self, place: Provider, name: str) -> tuple[Model, bool] | None:
        found = self.table.model(place, name)
        if found is None and name.startswith(_ROUTES):
            return self.table.model(place, name.rpartition("/")[2])
        return found


def _facts(context: Context) -> dict[str, str]:
    """Say how a request was made in the list's words; Anthropic calls a batch a service tier."""
    facts = {key: value.lower() for key, value in context}
    if facts.get("service_tier") == "batch":
        facts["processing"] = "batch"
    return facts
