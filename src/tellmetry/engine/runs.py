"""What a framework tells in two callbacks: opened by the framework's own id in one of them, ended by it in the other.

The two may come on different threads and in different contexts, and an app may do as it likes between them, so opening
makes nothing current. Code that the framework runs inside becomes so where it runs: `enter` in a context that the
framework has made for it and throws away, `stay` from a callback to the one that ends it in the same context, `inside`
around a function call.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from tellmetry import scope
from tellmetry.engine.call import Errors, Wire
from tellmetry.engine.current import Current
from tellmetry.engine.steps import SILENT, Step, Template, declare
from tellmetry.guard import guarded
from tellmetry.record import Record

_MOST = 10_000  # open at once in one framework: what never ends must not fill the memory
_tables: list[Runs] = []


class Runs:
    """What one framework has open, by the framework's ids."""

    def __init__(self) -> None:
        self._told: dict[Any, Step] = {}
        self._untold: dict[Any, Step] = {}  # steps that are not told, each with the told one around it
        self._prompts: dict[Any, Template] = {}
        self._entered: dict[Any, list[Current]] = {}
        _tables.append(self)

    def find(self, key: Any) -> Step | None:
        """Give the innermost told step at or around the one called `key`; None where nothing around it is told."""
        return self._told.get(key) or self._untold.get(key)

    @guarded("opening a run")
    def open(  # noqa: PLR0913 - most have a default
        self,
        key: Any,
        record: Record,
        parent: Any = None,
        *,
        wire: Wire = SILENT,
        body: Any = None,
        on_error: Errors | None = None,
    ) -> None:
        """Open `record` as the step `key` inside the step `parent`, or else inside what is current."""
        outer = self.find(parent)
        with self.inside(parent):
            step = Step(record, wire, body, on_error)
        step.outer = outer or scope.STEP.get()
        self._keep(self._told, key, step)

    @guarded("opening a run")
    def skip(self, key: Any, parent: Any) -> None:
        """Note a step that is not told: what is inside it is inside its parent."""
        outer = self.find(parent)
        if outer is not None:
            self._keep(self._untold, key, outer)

    def _keep(self, table: dict[Any, Any], key: Any, step: Any) -> None:
        table[key] = step
        if len(table) > _MOST:
            for old in list(table)[: _MOST // 10]:
                self._abandon(old)

    def _abandon(self, key: Any) -> None:
        step = self._forget(key)
        if step is not None:
            step.record.error_type = "abandoned"
            step.end()

    def _forget(self, key: Any) -> Step | None:
        for current in reversed(self._entered.pop(key, ())):
            current.leave()
        self._untold.pop(key, None)
        self._prompts.pop(key, None)
        return self._told.pop(key, None)

    @guarded("ending a run")
    def end(self, key: Any, error: BaseException | None = None, reply: Any = None) -> None:
        """End the step `key`: it failed with `error`, or was closed by the app, or gave `reply`."""
        step = self._forget(key)
        if step is None:
            return
        if error is None:
            step.read(reply)
        elif not isinstance(error, GeneratorExit):
            step.fail(error)
        step.end()

    @guarded("entering a run")
    def enter(self, key: Any) -> None:
        """Be inside the step `key` from here on, in a context of the framework's that ends with the code in it."""
        for current in self._missing(key):
            current.enter()
        declare(self._prompts.get(key))

    @guarded("entering a run")
    def stay(self, key: Any, prompt: Template | None = None) -> None:
        """Be inside the step `key` until it ends, where the framework tells its beginning and end in one context."""
        entered = self._missing(key)
        if prompt is not None and prompt.counts:
            entered.append(Current(None, scope.PROMPT, prompt))
        if entered:
            self._keep(self._entered, key, entered)
        for current in entered:
            current.enter()

    @guarded("declaring a prompt")
    def remember(self, key: Any, prompt: Template) -> None:
        """Note which prompt the model calls in the step `key` use from now on: for who enters it, or stays in it."""
        self._keep(self._prompts, key, prompt)

    def prompt(self, key: Any) -> Template | None:
        """Give what was noted."""
        return self._prompts.get(key)

    @contextlib.contextmanager
    def inside(self, key: Any) -> Iterator[None]:
        """Be inside the step `key` in this block, which must not yield to the app."""
        entered = self._missing(key)
        for current in entered:
            current.enter()
        try:
            yield
        finally:
            for current in reversed(entered):
                current.leave()

    def _missing(self, key: Any) -> list[Current]:
        step = self.find(key)
        return [] if step is None or step.surrounds(scope.STEP.get()) else step.currents()

    def abandon(self) -> None:
        """End everything that is still open."""
        for key in list(self._told):
            self._abandon(key)

    def forget(self) -> None:
        """Know nothing any more, as in a forked child: what is open is its parent's to end."""
        self._told.clear()
        self._untold.clear()
        self._prompts.clear()
        self._entered.clear()


@guarded("ending open runs")
def end_all() -> None:
    """End every step of every framework that is still open, when the process leaves."""
    for table in _tables:
        table.abandon()


def _in_child() -> None:
    for table in _tables:
        table.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
