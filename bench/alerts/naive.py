"""The baseline: one fixed number for each thing, as most teams begin, over five minutes and for all workflows alike.

Each number is one that an engineer would pick after looking at a quiet week; where the shipped rule has a fixed limit,
the baseline has the same one.
"""

from __future__ import annotations

from bench.alerts.walk import Watched
from dashboards.source import foreign
from dashboards.source.limits import LIMITS
from dashboards.source.query import FAILED, RULE, WHO, by, equals

from tellmetry import names

_calls, _cost = RULE.rate(names.CALLS, *WHO), RULE.rate(names.COST, *WHO)
_runs = RULE.rate(names.RUNS, *WHO)
_guard, _source, _scored = (*WHO, names.GUARDRAIL_NAME), (*WHO, names.DATA_SOURCE), (*WHO, names.EVALUATION_NAME)
_target = f"on ({by(names.WORKFLOW)}) group_left () max by ({by(names.WORKFLOW)})"
_failed = RULE.rate(names.CALLS, *WHO, where=FAILED)
_blocked = RULE.rate(names.GUARDRAILS, *_guard, where={names.GUARDRAIL_OUTCOME: equals("block")})
_fallen = RULE.rate(names.RUNS, *WHO, where={names.FALLBACK_REASON: f'!="{names.NO_VALUE}"'})
_state = names.label(names.REVIEW_STATE)
_open = f'{names.REVIEWS.prometheus}{{{_state}="requested"}}'
_done = f'{names.REVIEWS.prometheus}{{{_state}!="requested"}}'
_DAY = RULE.increase(names.COST, names.WORKFLOW, window="1d")


def _quantile(metric: names.Metric) -> str:
    return RULE.quantile(0.95, metric, *WHO)


EXPRESSIONS = {
    "LLMCostSpike": f"{_cost} * 3600 > 70",
    "LLMCostPerCallDrift": f"{_cost} / ({_calls} > 0) > 0.1",
    "LLMBudgetSpent": f"{_DAY} > {_target} ({names.CONTRACT_DAILY_BUDGET.prometheus})",
    "LLMBudgetBurn": f"{_cost} * 3600 * 4 > {_target} ({names.CONTRACT_DAILY_BUDGET.prometheus})",
    "LLMUnpricedModel": f"{RULE.rate(names.UNPRICED_CALLS, *WHO)} > 0",
    "LLMFailureSpike": f"{_failed} / ({_calls} > 0) > 0.2",
    "LLMFailureBurn": f"{_failed} / ({_calls} > 0) > 0.06",
    "LLMRateLimitPressure": f"{RULE.rate(names.RATE_LIMITS, *WHO)} / ({RULE.rate(names.SENT, *WHO)} > 0) > {LIMITS.rate_limited_share:g}",
    "LLMRetryStorm": f"{RULE.rate(names.SENT, *WHO)} / ({_calls} > 0) - 1 > {LIMITS.retry_share:g}",
    "LLMSlowAnswers": f"{_quantile(names.LATENCY)} > {LIMITS.call_p95_s:g}",
    "LLMSlowFirstChunk": f"{_quantile(names.FIRST_CHUNK)} > {LIMITS.first_chunk_p95_s:g}",
    "LLMRunsOverTime": f"{_quantile(names.RUN_LATENCY)} > {_target} ({names.CONTRACT_MAX_SECONDS.prometheus})",
    "LLMGuardrailBlockSpike": f"{_blocked}"
    f" / ({RULE.rate(names.GUARDRAILS, *_guard)} > 0) > {LIMITS.guardrail_block_share:g}",
    "LLMEmptyRetrievalSpike": f"{RULE.rate(names.EMPTY_RETRIEVALS, *_source)} / ({RULE.rate(names.RETRIEVALS, *_source)} > 0)"
    f" > {LIMITS.empty_retrieval_share:g}",
    "LLMEvaluationBelowTarget": f"{RULE.rate(names.SCORES, *_scored)} / ({RULE.rate(names.EVALUATIONS, *_scored)} > 0)"
    f" < {_target} ({names.CONTRACT_TARGET.prometheus})",
    "LLMFallbackShare": f"{_fallen} / ({_runs} > 0) > {LIMITS.fallback_share:g}",
    "LLMReviewBacklog": f"sum by ({by(*WHO)}) ({_open}) - sum by ({by(*WHO)}) ({_done}) > {LIMITS.review_backlog}",
    "LLMTelemetryQuiet": f"{RULE.rate(names.CALLS, *WHO)} == 0",
    "LLMCollectorDown": f"{foreign.UP.prometheus} == 0",
    "LLMTelemetryLost": f"sum by (job) (rate({foreign.ENQUEUE_FAILED.prometheus}[5m])) > 0",
    "LLMTelemetryRefused": f"sum by (job) (rate({foreign.REFUSED.prometheus}[5m])) > 0",
    "LLMQueueFilling": f"{foreign.QUEUE.prometheus} / {foreign.QUEUE_CAPACITY.prometheus} > {LIMITS.queue_share:g}",
    "LLMSeriesOverflow": f"{foreign.SAMPLES.prometheus} > {LIMITS.series}",
}


def watched() -> list[Watched]:
    """Give the baseline's rules: five minutes of patience, none for what is told at once."""
    return [Watched(name, expr, 0 if "Unpriced" in name or "Lost" in name else 300, 0) for name, expr in EXPRESSIONS.items()]
