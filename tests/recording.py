"""Arm the package inside the test process and keep the finished records instead of sending them."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tellmetry import boot, emit, guard, prices
from tellmetry.emit import spans, worker
from tellmetry.record import Guardrail, ModelCall, Record, Retrieval, Run
from tellmetry.settings import Settings


class Recording(list[Record]):
    """Finished records in the order in which they ended."""

    def _of(self, kind: type[Any]) -> list[Any]:
        gc.collect()  # a stream that was dropped ends when it is collected
        return [record for record in self if isinstance(record, kind)]

    @property
    def calls(self) -> list[ModelCall]:
        return self._of(ModelCall)

    @property
    def retrievals(self) -> list[Retrieval]:
        return self._of(Retrieval)

    @property
    def guardrails(self) -> list[Guardrail]:
        return self._of(Guardrail)

    @property
    def runs(self) -> list[Run]:
        return self._of(Run)

    @property
    def call(self) -> ModelCall:
        """The only model call."""
        (only,) = self.calls
        return only

    def attributes(self, record: Record) -> dict[str, Any]:
        """What the record's span says."""
        return spans.attributes(record)


@contextlib.contextmanager
def recording(store: Path, *, strict: bool = True, **asked: Any) -> Iterator[Recording]:
    """Arm; put every original back at the end."""
    told = Recording()
    read = Settings(mode="local", store=store, strict=strict, **asked)
    prices.preload()
    boot.enable(read)
    emit.start(read)
    put, worker.put = worker.put, lambda record: (emit.complete(record), told.append(record))
    try:
        yield told
    finally:
        worker.put = put
        boot.disarm()
        guard.strict = False
        guard.forget()
