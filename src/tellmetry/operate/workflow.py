"""Workflow runs: who is responsible, what a run used, cost and concluded."""

from __future__ import annotations

from typing import Any

from tellmetry import scope
from tellmetry.engine.operation import Operation
from tellmetry.guard import guarded
from tellmetry.operate import contracts
from tellmetry.privacy import clean
from tellmetry.record import Run


class workflow(Operation):  # noqa: N801 - used as a function, a context manager and a decorator
    """Open a run of the workflow `name`: everything inside carries its name, owner and run id.

    `owner` is the team that answers for it, by default its contract's; `request_id` the app's own id of what is worked
    on, `model_profile` the app's name for its choice of model. Totals of calls, tokens, cost and retries are written
    when the run ends.
    """

    scope = scope.RUN

    def __init__(
        self,
        name: str,
        *,
        owner: str | None = None,
        request_id: str | None = None,
        model_profile: str | None = None,
    ) -> None:
        super().__init__(name, owner=owner, request_id=request_id, model_profile=model_profile)

    def _make(self, name: str, owner: str | None, request_id: str | None, model_profile: str | None) -> Run:
        run = scope.new_run(clean(name))
        contract = contracts.of(run.workflow)
        run.owner = clean(owner) or (contract.owner if contract else None)
        run.request_id = clean(request_id)
        run.model_profile = clean(model_profile)
        outer = scope.RUN.get()
        if outer is not None:
            run.run = outer
            run.owner = run.owner or outer.owner
        return run

    @property
    def run_id(self) -> str | None:
        """The run's id, 16 hexadecimal digits; None while nothing is recorded."""
        return None if self._record is None else self._record.run_id

    @property
    def cost_usd(self) -> float:
        """US dollars that the finished calls of this run have cost so far."""
        return 0.0 if self._record is None else self._record.cost_usd or 0.0

    def outcome(self, result: str, reason: str | None = None, confidence: float | None = None) -> None:
        """Say what the run concluded: a result such as `approved` or `manual_review`, and why."""
        if self._record is not None:
            _conclude(self._record, result, reason, confidence)


def outcome(result: str, reason: str | None = None, confidence: float | None = None) -> None:
    """Say what the current run concluded; nothing outside a run."""
    run = scope.RUN.get()
    if run is not None:
        _conclude(run, result, reason, confidence)


@guarded("noting an outcome")
def _conclude(run: Run, result: str, reason: str | None, confidence: float | None) -> None:
    run.result = clean(result)
    run.reason = clean(reason)
    if confidence is not None:
        run.confidence = float(confidence)


class model_profile:  # noqa: N801 - used as a context manager
    """Name the app's choice of model for the calls inside, such as `cheap` or `careful`."""

    def __init__(self, name: str) -> None:
        self._name = clean(name)
        self._token: Any = None

    def __enter__(self) -> model_profile:
        self._token = scope.PROFILE.set(self._name)
        return self

    def __exit__(self, *error: object) -> None:
        scope.PROFILE.reset(self._token)


