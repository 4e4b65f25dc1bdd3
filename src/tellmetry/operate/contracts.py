"""Contracts: who answers for a workflow and what it promises; each mistake is one sentence that says what to do.

[workflow.lead_triage]
owner = "ops"                  # whom its alerts reach, and the owner of its runs that name none
metric = "correct_route_rate"  # an evaluation by the name that `evaluation(name, …)` reports …
target = 0.92                  # … and the least that its scores may be on average
fallback = "manual_review"     # what its runs end in where it cannot keep this
success_target = 0.99          # the least share of its model calls that must not fail
max_seconds = 20               # the longest one of its runs may take
max_cost_usd = 0.05            # the most one of its runs may cost
daily_budget_usd = 50          # the most it may cost on a UTC day
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tellmetry import boot, settings
from tellmetry.privacy import clean

FILE = "tellmetry.toml"


class MistakeError(ValueError):
    """What is wrong with a value, and what to write."""


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MistakeError('is no name; write text, for example "ops"')
    if clean(value) != value:
        raise MistakeError("is masked or cut on spans; write a short plain name, not an address or a key")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise MistakeError("is no number above 0; write one without quotes")
    return float(value)


def _share(value: Any) -> float:
    if not 0 < (share := _number(value)) < 1:
        raise MistakeError("is no share below 1; write one, for example 0.99")
    return share


def _key(check: Callable[[Any], Any]) -> Any:
    return field(default=None, metadata={"check": check})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One workflow's contract; what it does not promise is None."""

    workflow: str
    owner: str = field(metadata={"check": _name})
    metric: str | None = _key(_name)
    target: float | None = _key(_number)
    fallback: str | None = _key(_name)
    success_target: float | None = _key(_share)
    max_seconds: float | None = _key(_number)
    max_cost_usd: float | None = _key(_number)
    daily_budget_usd: float | None = _key(_number)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    one.name: one.metadata["check"] for one in fields(Contract) if "check" in one.metadata
}


@dataclass(frozen=True, slots=True)
class Contracts:
    """What a file holds: the contracts that are right, by workflow, and a sentence for each mistake."""

    path: Path
    by_workflow: dict[str, Contract]
    mistakes: tuple[str, ...]


def find(asked: Path | None) -> Path:
    """Give the file that is asked for, else the one in the working directory."""
    return asked or Path(FILE)


def read(path: Path) -> Contracts:
    """Read and check a contracts file; what is wrong with it is in the result, never raised."""
    import tomllib

    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Contracts(path, {}, (f"{path} cannot be read ({reason}); correct the path or its permissions.",))
    except UnicodeDecodeError:
        return Contracts(path, {}, (f"{path} is not UTF-8 text; save it as UTF-8.",))
    except tomllib.TOMLDecodeError as error:
        return Contracts(path, {}, (f"{path} is not valid TOML: {error}; correct that place.",))
    reading = _Reading(path, text)
    found = {name: contract for name, table in reading.tables(data) if (contract := reading.contract(name, table))}
    return Contracts(path, found, tuple(reading.mistakes))


class _Reading:
    """Goes through one file and keeps what is wrong, with the line it is on."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self.mistakes: list[str] = []

    def tables(self, data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """Give the name and content of each workflow's table."""
        for key in data:
            if key != "workflow":
                self._wrong("", key, "is not known here; contracts stand in [workflow.NAME] tables")
        found = data.get("workflow")
        if isinstance(found, dict) and found:
            yield from found.items()
        else:
            self.mistakes.append(f"{self._path} has no contract; begin one with [workflow.NAME].")

    def contract(self, name: str, table: Any) -> Contract | None:
        """Check one table; None where anything is wrong with it."""
        before = len(self.mistakes)
        if not isinstance(table, dict):
            self._wrong("", name, f"is not a table; write [workflow.{name}] and its keys below")
            return None
        if clean(name) != name or not name.strip():
            self._wrong(name, "", "has a name that spans do not carry as it is; use a short plain one")
        values = {key: self._value(name, key, value) for key, value in table.items()}
        for key in self._missing(table):
            self._wrong(name, "", f"has no {key}; add it")
        return Contract(workflow=name, **values) if len(self.mistakes) == before else None

    def _missing(self, table: dict[str, Any]) -> Iterator[str]:
        if "owner" not in table:
            yield "owner, so that nobody would be told"
        if ("metric" in table) != ("target" in table):
            yield "target for its metric" if "metric" in table else "metric for its target"

    def _value(self, workflow: str, key: str, value: Any) -> Any:
        if key not in _CHECKS:
            return self._wrong(workflow, key, f"is not known; use {', '.join(_CHECKS)}")
        try:
            return _CHECKS[key](value)
        except MistakeError as mistake:
            return self._wrong(workflow, f"{key} = {value!r}", str(mistake))

    def _wrong(self, workflow: str, what: str, says: str) -> None:
        line = self._line(workflow, what.partition(" = ")[0])
        where = f"{self._path}, line {line}" if line else str(self._path)
        subject = " ".join(part for part in (f"[workflow.{workflow}]" if workflow else "", what) if part)
        self.mistakes.append(f"{where}: {subject} {says}.")

    def _line(self, workflow: str, key: str) -> int | None:
        """Find the line of a key, or of a table's head; None where the file spells them in an unusual way."""
        inside = not workflow
        for number, line in enumerate(self._lines, 1):
            if workflow and (head := re.match(r"\s*\[\s*workflow\s*\.\s*[\"']?(.*?)[\"']?\s*\]", line)):
                inside = head[1] == workflow
                if inside and not key:
                    return number
            elif inside and key and re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}\b", line):
                return number
        return None


_in_force: tuple[settings.Settings, dict[str, Contract]] | None = None


def of(workflow: str | None) -> Contract | None:
    """Give a workflow's contract as the settings in force name the file, which is read once; None without one."""
    global _in_force
    asked = boot.active()
    if asked is None or workflow is None:
        return None
    if _in_force is None or _in_force[0] is not asked:
        _in_force = (asked, _load(asked.contracts))
    return _in_force[1].get(workflow)


def _load(asked: Path | None) -> dict[str, Contract]:
    path = find(asked)
    if asked is None and not path.exists():
        return {}
    known = read(path)
    for mistake in known.mistakes[:1]:
        more = f" There are {len(known.mistakes)} mistakes" if len(known.mistakes) > 1 else " It is passed over"
        settings.complain(f"{mistake}{more}; see `tellmetry contracts check`.")
    return known.by_workflow
