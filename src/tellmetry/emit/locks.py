"""Advisory locks between the processes that share a store. A fork does not carry them into the child."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

fcntl: Any
try:
    import fcntl
except ImportError:  # no such locks on this platform: one shipper at a time cannot be had, at least once can
    fcntl = None

_held: set[int] = set()


@contextmanager
def locked(directory: Path, name: str, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """Hold a lock of the store; False if it is taken and we do not wait."""
    if fcntl is None:
        yield True
        return
    lock = os.open(directory / f"{name}.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    _held.add(lock)
    try:
        yield _lock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    finally:
        _held.discard(lock)
        os.close(lock)


def _lock(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks, as some network ones: as on a platform without them
        return True
    return True


def _in_child() -> None:
    """Close what the parent's threads hold: a lock belongs to every process that has it open."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
