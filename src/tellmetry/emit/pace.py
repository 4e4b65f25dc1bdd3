"""How our thread goes about long work: it lets the app's threads run between its steps.

Python lets a thread that only computes keep the interpreter for five milliseconds each time: an event loop that looks
after a thousand streams would stand still as long, again and again, while a batch is encoded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

STEPS = 16  # about a millisecond of work
_PAUSE_S = 0.0001  # long enough for a thread that waits to wake up; none at all would be taken back at once


def gently(things: Iterable[T]) -> Iterator[T]:
    """Give things one after the other, with a pause after some of them; without one where the app itself waits."""
    if threading.current_thread() is threading.main_thread():
        yield from things
        return
    for number, one in enumerate(things, 1):
        yield one
        if number % STEPS == 0:
            time.sleep(_PAUSE_S)
