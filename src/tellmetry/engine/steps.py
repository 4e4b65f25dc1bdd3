"""One step of a framework's: a record, what is current inside it, and the step that it is part of."""

from __future__ import annotations

from typing import Any

from tellmetry import scope
from tellmetry.engine.call import Call, Errors, Wire
from tellmetry.engine.current import Current
from tellmetry.record import Record, Run


class _Silent:
    """The wire format of what is told without being read."""

    OPERATION = ""

    def request(self, record: Any, body: Any) -> None:
        """Read nothing."""

    reply = chunk = request


SILENT = _Silent()


class Step(Call):
    """A call that knows the step of the framework that it is part of."""

    __slots__ = ("outer",)

    def __init__(self, record: Record, wire: Wire, body: Any, on_error: Errors | None) -> None:
        super().__init__(record, wire, body, on_error)
        self.outer: Step | None = None

    def surrounds(self, other: Step | None) -> bool:
        """Tell whether `other` is this step or runs inside it."""
        while other is not None and other is not self:
            other = other.outer
        return other is self

    def currents(self) -> list[Current]:
        """Give what is current inside; anew each time, since a step may run on many threads at once."""
        return [self.current.again(), Current(None, scope.STEP, self)]


class Template(scope.Prompt):
    """A prompt that a framework's template names; one that the app declares itself comes first."""

    @property
    def counts(self) -> bool:
        """Whether it is the one to be told here: the app has declared none."""
        here = scope.PROMPT.get()
        return here is None or isinstance(here, Template)


def declare(prompt: Template | None) -> None:
    """Have the model calls from here on carry `prompt`, in a context that ends with the framework's own code."""
    if prompt is not None and prompt.counts:
        scope.PROMPT.set(prompt)


def new_run(name: str | None) -> Run | None:
    """Give the run that a framework's outermost pipeline is; None inside a run that the app or a framework has open."""
    if scope.RUN.get() is not None or scope.STEP.get() is not None:
        return None
    return scope.new_run(name)
