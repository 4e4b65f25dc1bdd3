"""What is logged while something runs, but for what the connection pool says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sighting import plain

# Log what the connection pool does, or a queue of their own, and not the call.
DEAF = ("httpx", "httpx2", "httpcore", "httpcore2", "urllib3", "asyncio", "LiteLLM")


@contextmanager
def listening(logs: list[Any]) -> Iterator[None]:
    """Hear every log record down to DEBUG, but those of the connection pool."""
    ear, root = logging.Handler(), logging.getLogger()
    ear.emit = lambda record: None if record.name.partition(".")[0] in DEAF else logs.append(_entry(record))  # type: ignore[method-assign]
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(ear)
    try:
        yield
    finally:
        root.removeHandler(ear)
        root.setLevel(level)


def _entry(record: logging.LogRecord) -> tuple[str, int, str]:
    return record.name, record.levelno, plain(str(record.msg))
