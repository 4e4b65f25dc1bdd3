"""Moments that decide: a score against its target, a human's review, a switch to another path."""

from __future__ import annotations

import time
from typing import Any

from tellmetry import boot, names, scope
from tellmetry.engine.operation import tell
from tellmetry.guard import guarded
from tellmetry.operate import contracts
from tellmetry.privacy import clean
from tellmetry.record import Evaluation, Fallback, Review, Run


@guarded("noting a score")
def evaluation(
    name: str,
    score: float,
    *,
    target: float | None = None,
    label: str | None = None,
    response_id: str | None = None,
) -> None:
    """Report a score of the current run, from 0.0 up, against a target in that measure, by default the contract's."""
    if boot.active() is None:
        return
    record = Evaluation()
    record.evaluation = clean(name)
    record.score = float(score)
    record.score_label = clean(label)
    record.response_id = response_id
    run, said = scope.RUN.get(), scope.PROMPT.get()
    record.target = _promised(name, run) if target is None else float(target)
    if said is not None:
        record.prompt_name, record.prompt_version = said
    elif run is not None:
        record.prompt_name, record.prompt_version = run.prompt_name, run.prompt_version
    tell(record)


def _promised(evaluation: str, run: Run | None) -> float | None:
    contract = None if run is None else contracts.of(run.workflow)
    return contract.target if contract is not None and contract.metric == evaluation else None


class review:  # noqa: N801 - used as a function
    """Request a human's review called `name`; decide it later, in this process or, by `requested_at`, in another.

    `requested_at` is the time of the request in seconds since the epoch; given, the request itself is not told again.
    """

    def __init__(self, name: str, *, request_id: str | None = None, requested_at: float | None = None) -> None:
        self._name = clean(name)
        self._request_id = clean(request_id)
        self._run = scope.RUN.get()
        self.requested_at = time.time() if requested_at is None else requested_at
        if requested_at is None:
            self._tell("requested", None)

    def approve(self, reviewer: str | None = None) -> None:
        """Close the review: approved as it stood."""
        self._tell("approved", reviewer)

    def reject(self, reviewer: str | None = None) -> None:
        """Close the review: rejected."""
        self._tell("rejected", reviewer)

    def edit(self, reviewer: str | None = None) -> None:
        """Close the review: approved with changes."""
        self._tell("edited", reviewer)

    def expire(self) -> None:
        """Close the review: nobody decided in time."""
        self._tell("expired", None)

    def _tell(self, state: names.ReviewState, reviewer: str | None) -> None:
        if boot.active() is None:
            return
        record = Review()
        record.review, record.state, record.request_id = self._name, state, self._request_id
        record.reviewer = clean(reviewer)
        if state != "requested":
            record.wait_s = max(time.time() - self.requested_at, 0.0)
        if self._run is not None:
            self._run.review_state = state
        tell(record)


class fallback:  # noqa: N801 - used as a context manager
    """Run the path `to` because `failed` did not serve: the calls inside say so, and so does the run."""

    def __init__(self, to: str, *, failed: str, reason: str) -> None:
        self._to, self._switch = clean(to), scope.Switch(clean(failed) or "", clean(reason) or "")
        self._token: Any = None

    def __enter__(self) -> fallback:
        if boot.active() is not None:
            self._tell()
        self._token = scope.SWITCH.set(self._switch)
        return self

    def __exit__(self, *error: object) -> None:
        if scope.SWITCH.get() is self._switch:
            scope.SWITCH.reset(self._token)

    async def __aenter__(self) -> fallback:
        return self.__enter__()

    async def __aexit__(self, *error: object) -> None:
        self.__exit__(*error)

    def _tell(self) -> None:
        record = Fallback()
        record.to = self._to
        record.failed, record.reason = self._switch
        run = scope.RUN.get()
        if run is not None:
            run.fallback_from, run.fallback_reason = self._switch
        tell(record)
