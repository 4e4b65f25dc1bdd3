"""Guardrail checks of the app's own: one outcome, a reason class, never the text that was matched."""

from __future__ import annotations

from typing import Any

from tellmetry import names
from tellmetry.engine.operation import Operation
from tellmetry.privacy import clean
from tellmetry.record import Guardrail


class guardrail(Operation):  # noqa: N801 - used as a context manager and a decorator
    """Open a check called `name` on `target`: `input`, `output`, `tool` or `retrieval`.

    A check that says nothing has passed; one that raises is an error. As a decorator it reads the function's result:
    False is a block, everything else a pass.
    """

    def __init__(self, name: str, *, target: str = "output") -> None:
        super().__init__(name, target=target)

    def _make(self, name: str, target: str) -> Guardrail:
        record = Guardrail()
        record.guardrail = clean(name)
        record.target = clean(target)
        return record

    def block(self, reason: str) -> None:
        """Say that the content was stopped; `reason` is a class such as `pii`."""
        self._say("block", reason)

    def modify(self, reason: str) -> None:
        """Say that the content was changed before it went on."""
        self._say("modify", reason)

    def flag(self, reason: str) -> None:
        """Say that the content was noted and let through."""
        self._say("flag", reason)

    def _say(self, outcome: names.Outcome, reason: str | None) -> None:
        record = self._record
        if record is not None:
            record.outcome, record.reason = outcome, clean(reason)

    def _returned(self, result: Any) -> None:
        if result is False and self._record.outcome is None:
            self._say("block", "denied")

    def _settle(self, record: Guardrail) -> None:
        if record.outcome is None:
            record.outcome = "pass" if record.error_type is None else "error"
