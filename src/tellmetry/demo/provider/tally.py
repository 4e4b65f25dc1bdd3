"""The lines of the bill: calls, tokens and dollars, by the way a call ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from tellmetry.demo.provider.usage import Usage

Section: TypeAlias = Literal["complete", "untold", "cut", "broken"]
SECTIONS: tuple[Section, ...] = ("complete", "untold", "cut", "broken")


@dataclass(slots=True)
class Tally:
    """Calls of one section with what they consumed and cost."""

    calls: int = 0
    unpriced: int = 0
    usd: Decimal = Decimal(0)
    usage: Usage = Usage()

    def add(self, usage: Usage, usd: Decimal | None) -> None:
        """Count one call; without a price it is counted as unpriced and adds no dollars."""
        self.calls += 1
        self.usage += usage
        if usd is None:
            self.unpriced += 1
        else:
            self.usd += usd

    def merge(self, other: Tally) -> None:
        """Add all of another tally."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))

    def as_json(self) -> dict[str, Any]:
        """Show the counts, and the dollars as an exact decimal string."""
        return {"calls": self.calls, "unpriced": self.unpriced, "usd": f"{self.usd:f}"} | asdict(self.usage)


def _sections() -> dict[Section, Tally]:
    return {section: Tally() for section in SECTIONS}


@dataclass(slots=True)
class Line:
    """One line of the bill: the requests of one API key to one endpoint for one model, as it was asked for.

    Every request ends `answered` (a 2xx reply was begun) or `failed`: under its status, as `dropped` (the provider
    hung up without a word) or as `gone` (the client left before an answer). What an answered call cost stands in
    one of the sections:

    complete  answered whole, and the client was told the usage
    untold    answered whole, but the client was told no usage
    cut       the client left before the end: tokens really sent; a `gone` request is here too, with its prompt
    broken    the provider cut or spoilt its own answer, as a directive asked: tokens really sent
    """

    key: str = "*"
    endpoint: str = "*"
    model: str = "*"
    received: int = 0
    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    sections: dict[Section, Tally] = field(default_factory=_sections)

    @property
    def complete(self) -> Tally:
        """Calls answered whole, with usage told."""
        return self.sections["complete"]

    @property
    def untold(self) -> Tally:
        """Calls answered whole, of which the client was told no usage."""
        return self.sections["untold"]

    @property
    def cut(self) -> Tally:
        """Calls the client left before the end."""
        return self.sections["cut"]

    @property
    def broken(self) -> Tally:
        """Calls whose answer the provider itself cut or spoilt."""
        return self.sections["broken"]

    @property
    def usd(self) -> Decimal:
        """Dollars of the calls that were answered whole."""
        return self.complete.usd + self.untold.usd

    def merge(self, other: Line) -> None:
        """Add all of another line."""
        self.received += other.received
        self.answered += other.answered
        self.failed += other.failed
        for section, tally in other.sections.items():
            self.sections[section].merge(tally)

    def as_json(self) -> dict[str, Any]:
        """Show the line as plain values."""
        shown = {name: getattr(self, name) for name in ("key", "endpoint", "model")}
        counts = {"received": self.received, "answered": self.answered, "failed": dict(self.failed)}
        told = {section: tally.as_json() for section, tally in self.sections.items()}
        return shown | counts | {"usd": f"{self.usd:f}"} | told
