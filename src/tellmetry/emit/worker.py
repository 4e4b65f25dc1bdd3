"""The courier of this process: started with the first finished record, anew in every fork, and emptied on the way out.

The process leaves within `TELLMETRY_EXIT_S` seconds: what could not be sent by then is written to disk.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from tellmetry.emit import losses
from tellmetry.emit.courier import Courier
from tellmetry.settings import Settings

_settings: Settings = Settings()
_complete: Callable[[Any], Any] = lambda _: None  # noqa: E731 - replaced by configure
_courier: Courier | None = None
_starting = threading.RLock()  # a stream that is collected while we hold it ends on this very thread
_expected = _leaving = False
_exit = os._exit


def configure(settings: Settings, complete: Callable[[Any], Any]) -> None:
    """Say how records are to be sent; the thread starts with the first one."""
    global _settings, _complete
    _settings, _complete = settings, complete


def expect() -> None:
    """Have the process leave by us: the first record may be a stream that never ends, and be known to nobody else."""
    global _expected
    if not _expected:
        _expected = True
        _leave_with_process()


def put(record: Any) -> None:
    """Queue a finished record."""
    (_courier or _start()).put(record)


def _start() -> Courier:
    global _courier
    with _starting:
        if _courier is None:
            courier = Courier(_settings, _complete, leaving=_leaving)
            if _courier is None:  # else a stream that was collected meanwhile has started one
                _courier = courier
        return _courier


def _leave_with_process() -> None:
    """Leave when the process does: `os._exit` is how children of multiprocessing, billiard and socketserver end."""
    global _exit
    atexit.register(leave)
    if os._exit is not _leave_and_exit:
        _exit, os._exit = os._exit, _leave_and_exit  # type: ignore[assignment]


def leave() -> None:
    """End open streams and runs and empty the queue: the last thing that is done."""
    global _leaving
    for name in ("tellmetry.engine.stream", "tellmetry.engine.runs"):  # above us: asked only if loaded
        module = sys.modules.get(name)
        if module is not None:
            module.end_all()
    _leaving = True
    if _courier is not None:
        _courier.leave()


def _leave_and_exit(status: int) -> None:
    leave()
    _exit(status)


def flush(timeout_s: float) -> bool:
    """Send what has finished; True when nothing is left."""
    return _courier is None or _courier.flush(timeout_s)


def _in_child() -> None:
    global _courier, _starting, _expected, _leaving
    _courier = None
    _starting = threading.RLock()
    _expected = _leaving = False
    losses.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
