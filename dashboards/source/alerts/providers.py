"""Providers: rate limits, retries, slow answers, slow first chunks, and runs that take longer than their contract allows."""

from __future__ import annotations

from dashboards.source import failures, records, workflow
from dashboards.source.alerts.rule import Alert, of_workflow
from dashboards.source.limits import LIMITS
from dashboards.source.query import RULE, WHO, by, ratio

from tellmetry import names

_limited, _sent = (RULE.rate(metric, *records.CALL) for metric in (names.RATE_LIMITS, names.SENT))
PRESSURE = Alert(
    name="LLMRateLimitPressure",
    expr=f"{ratio(_limited, _sent)} > {LIMITS.rate_limited_share:g}\n  and {_sent} * 300 >= {LIMITS.least_calls}",
    for_="2m",
    keep_firing_for="10m",
    severity="warning",
    summary="A provider rate-limits a workflow.",
    description="{{ .Value | humanizePercentage }} of what {{ .Labels.tellmetry_workflow }} sends to "
    "{{ .Labels.gen_ai_request_model }} of {{ .Labels.gen_ai_provider_name }} is answered with 429.",
    board=failures.FAILURES,
    panel=failures.PRESSURE,
    limit=LIMITS.rate_limited_share,
    labels=records.CALL,
)

STORM = Alert(
    name="LLMRetryStorm",
    expr=(
        f"{RULE.rate(names.SENT, *WHO)} / ({records.CALLS.prometheus} > 0) - 1 > {LIMITS.retry_share:g}\n"
        f"  and {records.CALLS.prometheus} * 300 >= {LIMITS.least_calls}"
    ),
    for_="2m",
    keep_firing_for="10m",
    severity="warning",
    summary="A workflow's calls are retried again and again.",
    description="{{ .Labels.tellmetry_workflow }} sends {{ .Value | humanizePercentage }} more requests than it has calls: "
    "somebody's server answers badly, and the retries make it worse.",
    board=failures.FAILURES,
    panel=failures.STORM,
    limit=LIMITS.retry_share,
    because=("LLMRateLimitPressure",),
)



def _slower(times: tuple[records.Recorded, records.Recorded], limit_s: float) -> str:
    """Hold above a limit, still so, and, where there is a past, a multiple of that: some models are always slow."""
    lately, now = (time.prometheus for time in times)
    usual = f"{LIMITS.usual_slowness:g} * avg_over_time({lately}[7d] offset 30m)"
    return f"{lately} > {limit_s:g}\n  and {now} > {limit_s:g}\n  unless {lately} <= {usual}"


SLOW = Alert(
    name="LLMSlowAnswers",
    expr=_slower(records.CALL_TIME, LIMITS.call_p95_s),
    for_="5m",
    keep_firing_for="10m",
    severity="warning",
    summary="A workflow's answers take too long.",
    description="One in twenty calls of {{ .Labels.tellmetry_workflow }} takes longer than {{ .Value | humanizeDuration }}; "
    f"the limit is {LIMITS.call_p95_s:g} s.",
    board=workflow.WORKFLOW,
    panel=workflow.ANSWER,
    limit=LIMITS.call_p95_s,
    because=("LLMRateLimitPressure", "LLMRetryStorm"),
)

SLOW_START = Alert(
    name="LLMSlowFirstChunk",
    expr=_slower(records.FIRST_CHUNK_TIME, LIMITS.first_chunk_p95_s),
    for_="5m",
    keep_firing_for="10m",
    severity="warning",
    summary="A workflow's streamed answers start late.",
    description="One in twenty streamed answers of {{ .Labels.tellmetry_workflow }} starts later than "
    f"{{{{ .Value | humanizeDuration }}}}; the limit is {LIMITS.first_chunk_p95_s:g} s. People look at an empty screen.",
    board=workflow.WORKFLOW,
    panel=workflow.CHUNK,
    limit=LIMITS.first_chunk_p95_s,
    because=("LLMRateLimitPressure", "LLMRetryStorm"),
)

_longest = f"max by ({by(names.WORKFLOW)}) ({names.CONTRACT_MAX_SECONDS.prometheus})"
OVERTIME = Alert(
    name="LLMRunsOverTime",
    expr="\n  and ".join(of_workflow(time.prometheus, _longest) for time in records.RUN_TIME),
    for_="5m",
    keep_firing_for="10m",
    severity="warning",
    summary="A workflow's runs take longer than its contract allows.",
    description="One in twenty runs of {{ .Labels.tellmetry_workflow }} takes longer than {{ .Value | humanizeDuration }}, "
    "which is more than its contract's max_seconds.",
    board=workflow.WORKFLOW,
    panel=workflow.RUN_TIME,
    because=("LLMSlowAnswers", "LLMRateLimitPressure", "LLMRetryStorm"),
)

ALERTS = (PRESSURE, STORM, SLOW, SLOW_START, OVERTIME)
