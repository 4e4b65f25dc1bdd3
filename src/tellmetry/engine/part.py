"""A call that an outer layer tells: what an inner one knows of it joins that one's record."""

from __future__ import annotations

from typing import Any

from tellmetry import names
from tellmetry.engine.call import Wire
from tellmetry.engine.current import Current
from tellmetry.record import Record


class Part:
    """What an inner layer knows of a call that an outer one tells: read into that one's record, and ending nothing."""

    def __init__(self, record: Record, wire: Wire) -> None:
        self.record = record
        self.wire = wire
        self.current = Current(None, None, None)

    def read(self, reply: Any) -> None:
        """Read a whole reply."""
        self.wire.reply(self.record, reply)

    def end(self, ending: names.Ending | None = None) -> None:
        """Leave ending to the outer layer."""

    fail = end
