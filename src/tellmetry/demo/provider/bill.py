"""What the provider would charge: exact, thread-safe, and the truth that every other account is compared with."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from functools import lru_cache
from threading import Condition
from typing import Any

from tellmetry.demo.provider.prices import find
from tellmetry.demo.provider.tally import Line, Section
from tellmetry.demo.provider.usage import Usage

DROPPED = "dropped"
GONE = "gone"
_REAL_KEY_LENGTH = 20


@lru_cache(maxsize=1024)
def key_id(key: str) -> str:
    """Name an API key on the bill; one long enough to be real is never kept or shown."""
    if len(key) < _REAL_KEY_LENGTH:
        return key
    return f"{key[:3]}…{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def price(model: str, tier: str, usage: Usage) -> Decimal | None:
    """Charge one call, or None for a model this provider has no price for."""
    known = find(model)
    return None if known is None else known.charge(usage, tier)


class Charge:
    """One request on its way to the bill: it may be answered, and ends exactly once."""

    __slots__ = ("_bill", "_line", "answered")

    def __init__(self, bill: Bill, line: Line) -> None:
        self._bill = bill
        self._line = line
        self.answered = False

    def answer(self) -> None:
        """Note that a 2xx reply is on its way."""
        self.answered = True
        with self._bill.changed:
            self._line.answered += 1

    def end(self, section: Section, usage: Usage, usd: Decimal | None) -> None:
        """Close the request with what it consumed."""
        with self._bill.changed:
            self._line.sections[section].add(usage, usd)
            self._bill.close(None if self.answered else self._line, GONE)

    def fail(self, how: str) -> None:
        """Close the request as one that was not answered: a status, `dropped` or `gone`."""
        with self._bill.changed:
            self._bill.close(self._line, how)


class Bill:
    """All lines, under one lock."""

    def __init__(self) -> None:
        self.changed = Condition()
        self._lines: dict[tuple[str, str, str], Line] = {}
        self._open = 0
        self._strays = 0

    def open(self, key: str, endpoint: str, model: str) -> Charge:
        """Count a request that was received; the charge returned must be ended once."""
        name = (key_id(key), endpoint, model)
        with self.changed:
            line = self._lines.get(name)
            if line is None:
                line = self._lines[name] = Line(*name)
            line.received += 1
            self._open += 1
        return Charge(self, line)

    def close(self, failed: Line | None, how: str) -> None:
        """Count one open request less, and on `failed` how it failed; the caller holds the lock."""
        if failed is not None:
            failed.failed[how] += 1
        self._open -= 1
        if self._open == 0:
            self.changed.notify_all()

    def stray(self) -> None:
        """Count a request to something this provider does not serve."""
        with self.changed:
            self._strays += 1

    @property
    def strays(self) -> int:
        """Requests to paths that are not served."""
        return self._strays

    def lines(self, *, key: str | None = None, **names: str) -> list[Line]:
        """Return copies of the lines of one key, endpoint or model, or of all."""
        wanted = names | ({"key": key_id(key)} if key is not None else {})
        with self.changed:
            return [
                _copy(line)
                for line in self._lines.values()
                if all(getattr(line, name) == value for name, value in wanted.items())
            ]

    def total(self, *, key: str | None = None, **names: str) -> Line:
        """Sum the lines of one key, endpoint or model, or all."""
        total = Line()
        for line in self.lines(key=key, **names):
            total.merge(line)
        return total

    def settled(self, timeout_s: float = 30.0) -> bool:
        """Wait until no request is open any more; False when that takes too long."""
        with self.changed:
            return self.changed.wait_for(lambda: self._open == 0, timeout_s)

    def reset(self) -> None:
        """Start a new bill; requests still open end on the old one."""
        with self.changed:
            self._lines = {}
            self._strays = 0

    def as_json(self, **names: str) -> dict[str, Any]:
        """Show the lines of one key, endpoint or model, or all, and their sum."""
        lines, total = self.lines(**names), Line()
        for line in lines:
            total.merge(line)
        rest = {"total": total.as_json(), "open": self._open, "strays": self._strays}
        return {"lines": [line.as_json() for line in lines]} | rest


def _copy(line: Line) -> Line:
    copy = Line(line.key, line.endpoint, line.model)
    copy.merge(line)
    return copy
