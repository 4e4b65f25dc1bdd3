"""A case: a job that may arrive, and how the provider treats it. The app knows nothing of the second half."""

from __future__ import annotations

import json
import shlex
from random import Random
from typing import Any, Literal, NamedTuple

from tellmetry.demo.provider.server import Match

Kind = Literal["lead", "question", "contract"]


class Says(NamedTuple):
    """One rule for the provider: a directive, and the requests it is for."""

    directive: str
    match: Match


class Case(NamedTuple):
    """One kind of job; `weight` is its share of an ordinary day, `lawyer` decides on a contract after some hours."""

    shows: str
    kind: Kind
    job: dict[str, Any]
    rules: tuple[Says, ...]
    weight: float
    lawyer: tuple[str, float] | None = None

    def made(self, chance: Random) -> dict[str, Any]:
        """Make a job of this case; numbers in its text differ from job to job."""
        numbers = {"few": chance.randint(2, 9), "some": chance.randint(10, 40), "many": chance.randint(50, 400)}
        job = {name: _filled(value, numbers) for name, value in self.job.items()}
        if self.kind == "contract":
            job["clauses"] = chance.sample(self.job["clauses"], k=chance.randint(5, len(self.job["clauses"])))
        return {"kind": self.kind, **job}


def _filled(value: Any, numbers: dict[str, int]) -> Any:
    return value.format(**numbers) if isinstance(value, str) else value


def quoted(value: Any) -> str:
    """Write a value for a directive: a text as it is, all else as JSON, in the quotes of a shell."""
    return shlex.quote(value if isinstance(value, str) else json.dumps(value))
