"""What Acme knows: its customers and its manuals, embedded once and searched by likeness."""

from __future__ import annotations

from operator import mul
from typing import NamedTuple

import tellmetry
from tellmetry.demo.acme.clients import openai
from tellmetry.demo.acme.models import EMBEDDING

_DIMENSIONS = 512
_LIKE_ENOUGH = 0.24


class Found(NamedTuple):
    """One document that a search found."""

    score: float
    id: str
    text: str


class Index:
    """A few documents in memory."""

    def __init__(self, name: str, documents: dict[str, str]) -> None:
        self.name = name
        self._documents = documents
        self._vectors: dict[str, list[float]] = {}

    def load(self) -> None:
        """Embed the documents; done once, before the first search."""
        vectors = _embed(list(self._documents.values()))
        self._vectors = dict(zip(self._documents, vectors, strict=True))

    def search(self, text: str, top_k: int = 3) -> list[Found]:
        """Find the documents that are most like a text; none, if none is like it."""
        with tellmetry.retrieval(self.name, top_k=top_k) as search:
            (asked,) = _embed([text])
            scored = [
                Found(sum(map(mul, asked, vector)), id_, self._documents[id_]) for id_, vector in self._vectors.items()
            ]
            found = [one for one in sorted(scored, reverse=True)[:top_k] if one.score >= _LIKE_ENOUGH]
            search.results(found, scores=[one.score for one in found], ids=[one.id for one in found])
            return found


def _embed(texts: list[str]) -> list[list[float]]:
    reply = openai.embeddings.create(model=EMBEDDING, input=texts, dimensions=_DIMENSIONS)
    return [one.embedding for one in reply.data]


customers = Index(
    "crm",
    {
        "crm-0007": "Bakery with several shops, delivers bread every morning by cargo bike, bought four Atlas in 2024.",
        "crm-0012": "Courier fleet in the city, parcels, forty cargo bikes on lease, wants service within one day.",
        "crm-0019": "Hotel group, uses bikes for guests and laundry, asks for rental instead of buying.",
        "crm-0023": "School district, cargo bikes for lunch delivery, buys by public tender in spring.",
        "crm-0031": "Florist chain, delivers flowers to shops and offices, needs a cooled box on every bike.",
        "crm-0044": "Property manager, tools and spare parts for caretakers between estates, ten bikes on trial.",
    },
)

manuals = Index(
    "manuals",
    {
        "atlas-battery": "The Atlas battery takes four hours to charge and lasts for ninety kilometres on one charge.",
        "atlas-brakes": "Change the brake pads of the Atlas when less than two millimetres are left; it takes an hour.",
        "atlas-load": "The Atlas may carry a load of two hundred kilograms in its box, the rider not included.",
        "box-cooling": "The cooled box of the Atlas keeps eight degrees for six hours, on a battery of its own.",
        "service-plan": "The service plan covers brakes, tyres and battery checks every six months at our workshop.",
        "motor-limit": "The motor of the Atlas helps up to a speed of twenty-five kilometres an hour, as the law asks.",
    },
)
