"""The store on disk: OTLP JSON lines, one file a process, bounded in bytes and age, shipped oldest first.

A shipper takes a file by renaming it, sends it line by line and marks each line that was taken, so that whoever dies on
the way leaves one line at most to be sent twice.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tellmetry.emit import otlp_json, resource
from tellmetry.emit.locks import locked
from tellmetry.emit.spans import Finished
from tellmetry.guard import lose
from tellmetry.settings import Settings

FILE_BYTES = 8 * 2**20
FILE_S = 3600.0  # so that a process that says little does not keep old spans in a young file
SUFFIX = ".otlp.jsonl"
SHIPPING = ".otlp.shipping"
_SENT = b"#"  # over the first byte of a line that the endpoint has taken

Send = Callable[[list[Finished], Mapping[str, Any]], bool | None]
Batch = tuple[list[Finished], dict[str, Any]]
Torn = Callable[[Path], None]


class Spool:
    """The file of this process in the store, and the way through everybody's."""

    def __init__(self, settings: Settings) -> None:
        self.directory = settings.store
        self._most_bytes = settings.store_bytes
        self._file_bytes = min(FILE_BYTES, settings.store_bytes // 4)
        self._oldest_s = settings.store_days * 86_400
        self._path: Path | None = None
        self._written = 0
        self._next_file_s = 0.0
        self.resource = resource.describe()

    def write(self, told: list[Finished]) -> None:
        """Append spans as one line. Raises OSError when the disk does not take it."""
        line = (otlp_json.dump(told, self.resource) + "\n").encode("utf-8", "replace")
        try:
            self._append(line)
        except FileNotFoundError:  # somebody has deleted the store
            self._path = None
            self._append(line)

    def _append(self, line: bytes) -> None:
        path = self._path
        if path is None or self._written + len(line) > self._file_bytes or time.monotonic() > self._next_file_s:
            path = self._next_file()
        with locked(self.directory, "writers", shared=True), open(path, "ab", buffering=0) as file:
            before = file.tell()
            try:
                left = memoryview(line)
                while left:
                    left = left[file.write(left) :]
            except OSError:
                file.truncate(before)  # the next line must not begin in the middle of this one
                raise
        self._written += len(line)

    def _next_file(self) -> Path:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = self.directory / f"{time.time_ns():020d}-{os.getpid()}{SUFFIX}"
        self._written = 0
        self._next_file_s = time.monotonic() + min(FILE_S, self._oldest_s)
        self.trim()
        return self._path

    def trim(self) -> None:
        """Delete what is too old or too much, oldest first; what is deleted is counted as lost."""
        kept = self._file_bytes  # the file that comes next
        with locked(self.directory, "shipper", wait=False) as alone:
            for path in reversed(files(self.directory)):
                with contextlib.suppress(FileNotFoundError):
                    state = path.stat()
                    kept += state.st_size
                    old = time.time() - state.st_mtime > self._oldest_s
                    if (kept > self._most_bytes or old) and (alone or path.name.endswith(SUFFIX)):
                        self._delete(path)

    def _delete(self, path: Path) -> None:
        with locked(self.directory, "writers"):
            lose("keeping the store within its bounds", count=sum(len(told) for told, _ in read_file(path)))
            path.unlink()

    def ship(self, send: Send) -> bool:
        """Send what lies in the store, by one process at a time; True when nothing is left to send."""
        if not files(self.directory):
            return True
        with locked(self.directory, "shipper", wait=False) as mine:
            return mine and all(self._ship_file(path, send) for path in files(self.directory))

    def _ship_file(self, path: Path, send: Send) -> bool:
        """Send one file and delete it; False if the endpoint stopped taking spans, what is left stays."""
        taken = path.with_suffix(".shipping")
        with contextlib.suppress(FileNotFoundError):
            if path != taken:
                with locked(self.directory, "writers"):  # nobody is in the middle of a line
                    path.rename(taken)
            if not _send_lines(taken, send):
                return False
            taken.unlink()
        return True


def _send_lines(taken: Path, send: Send) -> bool:
    with open(taken, "r+b", buffering=0) as file:
        at = 0
        for line in file.read().split(b"\n"):
            if not all(send(*batch) for batch in _batches(line, taken, _lose_line)):
                return False
            if line:
                file.seek(at)
                file.write(_SENT)
            at += len(line) + 1
    return True


def files(directory: Path) -> list[Path]:
    """Give the store's files, oldest first; of two by one name the one that a shipper had taken comes first."""
    if not directory.is_dir():
        return []
    found = (path for path in directory.iterdir() if path.name.endswith((SUFFIX, SHIPPING)))
    return sorted(found, key=lambda path: (path.name.partition(".")[0], path.name.endswith(SUFFIX)))


def _lose_line(path: Path) -> None:
    lose("reading a torn line of the store", because=str(path.parent))


def _batches(line: bytes, path: Path, torn: Torn) -> list[Batch]:
    if not line.strip() or line.startswith(_SENT):
        return []
    try:
        return [(told, told_by) for told_by, told in otlp_json.load(line)]
    except ValueError:
        torn(path)
        return []


def read_file(path: Path, torn: Torn = _lose_line) -> Iterator[Batch]:
    """Read one file of the store: (spans, resource attributes) a line; a torn or foreign line is told to `torn`."""
    with open(path, "rb") as file:
        for line in file:
            yield from _batches(line, path, torn)


def read(directory: Path, torn: Torn = _lose_line) -> Iterator[Batch]:
    """Read the whole store, oldest first."""
    for path in files(directory):
        with contextlib.suppress(FileNotFoundError):
            yield from read_file(path, torn)
