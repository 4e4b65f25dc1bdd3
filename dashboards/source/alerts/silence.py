"""Silence: no calls where the past promises some, which is an outage or lost telemetry."""

from __future__ import annotations

from dashboards.source import overview, records
from dashboards.source.alerts.rule import Alert
from dashboards.source.limits import LIMITS
from dashboards.source.query import PLACE, by

_calls, _steady = records.CALLS.prometheus, records.CALLS_STEADY.prometheus
_on = f"on ({by(*PLACE)})"
TEN_MINUTES_S = 600


def _counted(window: str, before: str) -> str:
    return f"sum_over_time({_calls}[{window}] offset {before}) * {records.INTERVAL_S}"


# Busy workflows: at work all through this hour a week ago or, in the first week, all through the last three hours.
# Rare ones: six hours without a call, although the week before had no such pause.
QUIET = Alert(
    name="LLMTelemetryQuiet",
    expr=f"""(
  (
    {_counted("6h", "10m")} > 0
    and {_on} {_steady} * {TEN_MINUTES_S} >= {LIMITS.expected_calls}
  )
  or (
    min_over_time({_calls}[3h] offset 10m) * {TEN_MINUTES_S} >= {LIMITS.expected_calls}
    and count_over_time({_calls}[3h] offset 10m) >= 175
    unless {_on} count_over_time({_calls}[1d] offset 6d12h)
  )
)
unless {_on} max_over_time({_calls}[5m]) > 0
or
(
  {_counted("1d", "6h")} >= {LIMITS.expected_calls_slow}
  and {_on} min_over_time({records.CALLS_SLOW.prometheus}[7d] offset 6h) >= {LIMITS.least_calls_in_6h}
  and {_on} {records.CALLS_SLOW.prometheus} offset 7d > 0
  unless {_on} max_over_time({_calls}[6h]) > 0
)""",
    for_="1m",
    keep_firing_for="5m",
    severity="critical",
    summary="A workflow that should be calling models has gone quiet.",
    description="No model call of {{ .Labels.tellmetry_workflow }} in {{ .Labels.service_name }} for ten minutes (six hours "
    "where calls are rare), although it was at work at this time a week ago or just before. It stopped, or its spans no "
    "longer arrive.",
    board=overview.OVERVIEW,
    panel=overview.RATE,
    because=("LLMCollectorDown",),
)

ALERTS = (QUIET,)
