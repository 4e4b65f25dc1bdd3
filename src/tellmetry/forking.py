"""Forks wait for what they would break: an import that another thread is in the middle of, and a gRPC call.

A child that is forked amid an import finds the module locked for ever, and much of ours is imported late, some of it by
threads of ours. gRPC breaks a call off that a fork falls into, and spans that had arrived would be sent again. The wait
is in front of `os.fork`: hooks of `os.register_at_fork` run behind those of `logging`, which hold its lock meanwhile.
Imports nothing that Python has not loaded by itself: an idle process has this file, too.
"""

from __future__ import annotations

import os
import time
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_S = 0.001
_fork: Callable[[], int] | None = None  # the fork that we stand in front of, once there is something to wait for


class _Kept:
    """`with importing:` keeps the process from forking, any number of threads at once; for so long and no longer."""

    def __init__(self, longest_s: float) -> None:
        self.gate = RLock()  # held while the process forks
        self.threads = 0
        self._longest_s = longest_s

    def __enter__(self) -> None:
        if _fork is None:
            _stand_in_front()
        with self.gate:
            self.threads += 1

    def __exit__(self, *error: object) -> None:
        with self.gate:
            self.threads -= 1

    def shut(self) -> None:
        """Wait until nobody is inside, and keep everybody out."""
        until = time.monotonic() + self._longest_s
        while True:
            self.gate.acquire()
            if self.threads <= 0 or time.monotonic() > until:
                return
            self.gate.release()
            time.sleep(_PAUSE_S)


importing = _Kept(10.0)
sending = _Kept(1.0)


def _stand_in_front() -> None:
    global _fork
    _fork = getattr(os, "fork", _no_fork)
    if _fork is not _no_fork:
        os.fork = _wait_and_fork


def _no_fork() -> int:
    raise NotImplementedError


def _wait_and_fork() -> int:
    sending.shut()
    importing.shut()
    pid = -1
    try:
        pid = (_fork or _no_fork)()
    finally:
        for kept in (importing, sending):
            if pid == 0:
                kept.threads = 0  # those threads are the parent's
            kept.gate.release()
    return pid
