"""What makes each alert fire, on a clock that runs sixty times as fast: one workflow each, calm and in trouble.

A workflow is called as its alert, so that none is another's cause or symptom, and has an owner of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboards.source import foreign
from dashboards.source.query import labels_of
from tellmetry import names
from tellmetry.operate.contracts import Contract

SERVICE = "shop"
PLATFORM = "platform"
Numbers = dict[str, float]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Counters by their speed a second and gauges by their value, before and while something is wrong."""

    calm: Numbers
    bad: Numbers
    gauges: Numbers = field(default_factory=dict)
    bad_gauges: Numbers = field(default_factory=dict)
    well: Numbers = field(default_factory=dict)  # afterwards, where it takes more than calm to make up for what was bad
    owner: str = ""
    contract: Mapping[str, float | str] = field(default_factory=dict)
    past: Numbers = field(default_factory=dict)  # records, at the same hour of earlier days and weeks


def owner_of(alert: str) -> str:
    """Give the team that an alert must reach."""
    return TROUBLES[alert].owner or f"team of {alert}"


def contracts() -> list[Contract]:
    """Give the contracts that some alerts compare with."""
    return [
        Contract(workflow=alert, owner=owner_of(alert), **trouble.contract)  # type: ignore[arg-type]
        for alert, trouble in TROUBLES.items()
        if trouble.contract
    ]


def _of(metric: names.Metric, alert: str, part: str = "", **said: str) -> str:
    labels = {names.label(one): "none" for one in labels_of(metric)}
    labels |= {
        names.label(names.SERVICE_NAME): SERVICE, names.label(names.WORKFLOW): alert, names.label(names.OWNER): f"team of {alert}",
    }  # fmt: skip
    inside = ",".join(f'{name}="{value}"' for name, value in {**labels, **said}.items())
    return f"{metric.prometheus}{part}{{{inside}}}"


def record(name: str, alert: str) -> str:
    """Give the series under which a workflow's past is recorded."""
    who = f'service_name="{SERVICE}",deployment_environment_name="none",tellmetry_workflow="{alert}"'
    return f'{name}{{{who},tellmetry_owner="team of {alert}"}}'


def _calls(alert: str, right: float, failed: float = 0.0) -> Numbers:
    return {_of(names.CALLS, alert): right, _of(names.CALLS, alert, error_type="APIStatusError"): failed}


def _times(metric: names.Metric, alert: str, quick: float, slow: float, limit_s: float) -> Numbers:
    """Give a histogram of calls that are quicker than `limit_s` and of some that are up to eight times as slow."""
    edge, last = (min(bucket for bucket in metric.buckets if bucket >= least) for least in (limit_s / 4, limit_s * 2))
    return {
        _of(metric, alert, "_bucket", le=f"{edge:g}"): quick,
        _of(metric, alert, "_bucket", le=f"{last:g}"): quick + slow,
        _of(metric, alert, "_bucket", le="+Inf"): quick + slow,
        _of(metric, alert, "_count"): quick + slow,
    }


def _collector(name: str, instance: str, **more: str) -> str:
    labels = {"job": "collector", "instance": instance, **more}
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


def _spending(alert: str, usd: float, calls: float = 2.0) -> Numbers:
    return {**_calls(alert, calls), _of(names.COST, alert): usd}


def _guards(alert: str, passed: float, blocked: float) -> Numbers:
    return {
        _of(names.GUARDRAILS, alert, tellmetry_guardrail_outcome="pass"): passed,
        _of(names.GUARDRAILS, alert, tellmetry_guardrail_outcome="block"): blocked,
    }


def _found(alert: str, all_: float, empty: float) -> Numbers:
    return {_of(names.RETRIEVALS, alert): all_, _of(names.EMPTY_RETRIEVALS, alert): empty}


def _scores(alert: str, number: float, mean: float) -> Numbers:
    named = {"gen_ai_evaluation_name": "rate"}
    return {_of(names.EVALUATIONS, alert, **named): number, _of(names.SCORES, alert, **named): number * mean}


def _runs(alert: str, plain: float, fallen: float) -> Numbers:
    return {_of(names.RUNS, alert): plain, _of(names.RUNS, alert, tellmetry_fallback_reason="error"): fallen}


def _reviews(alert: str, asked: float, decided: float) -> Numbers:
    return {
        _of(names.REVIEWS, alert, tellmetry_review_state="requested"): asked,
        _of(names.REVIEWS, alert, tellmetry_review_state="approved"): decided,
    }


def _sent(alert: str, calls: float, sent: float, limited: float = 0.0) -> Numbers:
    return {**_calls(alert, calls), _of(names.SENT, alert): sent, _of(names.RATE_LIMITS, alert): limited}


_UNPRICED = _of(names.UNPRICED_CALLS, "LLMUnpricedModel")
_QUEUE = {"exporter": "otlp_grpc/tempo", "data_type": "traces"}
_CAPACITY = {_collector(foreign.QUEUE_CAPACITY.prometheus, "b", **_QUEUE): 100.0}
_ROOM = {_collector(foreign.STREAMS_LIMIT.prometheus, "c"): 1000.0}

TROUBLES: dict[str, Trouble] = {
    "LLMCostSpike": Trouble(
        calm=_spending("LLMCostSpike", 0.001), bad=_spending("LLMCostSpike", 0.03), past={"llm:cost_usd:rate15m": 0.001}
    ),
    "LLMCostSpikeNewWorkflow": Trouble(calm={}, bad=_spending("LLMCostSpikeNewWorkflow", 0.02), well=_spending("LLMCostSpikeNewWorkflow", 0.0)),
    # A day keeps its length on the fast clock, so that its sums grow sixty times too fast and only a larger budget ends it.
    "LLMBudgetSpent": Trouble(
        calm=_spending("LLMBudgetSpent", 0.0), bad=_spending("LLMBudgetSpent", 0.001), well=_spending("LLMBudgetSpent", 0.0),
        contract={"daily_budget_usd": 2},
    ),
    "LLMBudgetBurn": Trouble(
        calm=_spending("LLMBudgetBurn", 0.0), bad=_spending("LLMBudgetBurn", 0.01), well=_spending("LLMBudgetBurn", 0.0),
        contract={"daily_budget_usd": 100},
    ),
    "LLMBudgetForecast": Trouble(
        calm=_spending("LLMBudgetForecast", 0.0), bad=_spending("LLMBudgetForecast", 0.001), well=_spending("LLMBudgetForecast", 0.0),
        contract={"daily_budget_usd": 16},
    ),
    "LLMCostPerCallDrift": Trouble(
        calm=_spending("LLMCostPerCallDrift", 0.001), bad=_spending("LLMCostPerCallDrift", 0.0022),
        past={"llm:cost_usd:rate5m": 0.001, "llm:calls:rate5m": 2.0},
    ),
    "LLMUnpricedModel": Trouble(calm={}, bad={_UNPRICED: 0.5}, well={_UNPRICED: 0.0}),
    "LLMFailureSpike": Trouble(calm=_calls("LLMFailureSpike", 5), bad=_calls("LLMFailureSpike", 1, 9)),
    "LLMFailureBurn": Trouble(calm=_calls("LLMFailureBurn", 5), bad=_calls("LLMFailureBurn", 4.5, 0.5), well=_calls("LLMFailureBurn", 40)),
    "LLMRateLimitPressure": Trouble(calm=_sent("LLMRateLimitPressure", 5, 5), bad=_sent("LLMRateLimitPressure", 5, 6, 2)),
    "LLMRetryStorm": Trouble(calm=_sent("LLMRetryStorm", 5, 5), bad=_sent("LLMRetryStorm", 5, 15)),
    "LLMSlowAnswers": Trouble(
        calm=_times(names.LATENCY, "LLMSlowAnswers", 30, 0, 30), bad=_times(names.LATENCY, "LLMSlowAnswers", 0, 30, 30),
    ),
    "LLMSlowFirstChunk": Trouble(
        calm=_times(names.FIRST_CHUNK, "LLMSlowFirstChunk", 30, 0, 5), bad=_times(names.FIRST_CHUNK, "LLMSlowFirstChunk", 0, 30, 5),
    ),
    "LLMRunsOverTime": Trouble(
        calm=_times(names.RUN_LATENCY, "LLMRunsOverTime", 30, 0, 20), bad=_times(names.RUN_LATENCY, "LLMRunsOverTime", 0, 30, 20),
        contract={"max_seconds": 20},
    ),
    "LLMGuardrailBlockSpike": Trouble(calm=_guards("LLMGuardrailBlockSpike", 5, 0.01), bad=_guards("LLMGuardrailBlockSpike", 1, 4)),
    "LLMEmptyRetrievalSpike": Trouble(calm=_found("LLMEmptyRetrievalSpike", 5, 0.1), bad=_found("LLMEmptyRetrievalSpike", 5, 5)),
    "LLMEvaluationBelowTarget": Trouble(
        calm=_scores("LLMEvaluationBelowTarget", 5, 0.96), bad=_scores("LLMEvaluationBelowTarget", 5, 0.4),
        well=_scores("LLMEvaluationBelowTarget", 200, 0.96), contract={"metric": "rate", "target": 0.92},
    ),
    "LLMFallbackShare": Trouble(
        calm=_runs("LLMFallbackShare", 5, 0.05), bad=_runs("LLMFallbackShare", 2, 4), well=_runs("LLMFallbackShare", 100, 0.1)
    ),
    "LLMReviewBacklog": Trouble(
        calm=_reviews("LLMReviewBacklog", 0.05, 0.05), bad=_reviews("LLMReviewBacklog", 1, 0), well=_reviews("LLMReviewBacklog", 0, 10)
    ),
    "LLMTelemetryQuiet": Trouble(calm=_calls("LLMTelemetryQuiet", 2), bad=_calls("LLMTelemetryQuiet", 0), past={"llm:calls:rate5m": 2.0}),
    "LLMCollectorDown": Trouble(calm={}, bad={}, owner=PLATFORM),  # its target answers 500: see the test
    "LLMTelemetryLost": Trouble(
        calm={}, owner=PLATFORM, bad={_collector(foreign.ENQUEUE_FAILED.prometheus, "a", exporter="otlp_grpc/tempo"): 5.0},
        well={_collector(foreign.ENQUEUE_FAILED.prometheus, "a", exporter="otlp_grpc/tempo"): 0.0},
    ),
    "LLMTelemetryRefused": Trouble(
        calm={_collector(foreign.REFUSED.prometheus, "b", receiver="otlp"): 0.0}, owner=PLATFORM,
        bad={_collector(foreign.REFUSED.prometheus, "b", receiver="otlp"): 9.0},
    ),
    "LLMQueueFilling": Trouble(
        calm={}, bad={}, owner=PLATFORM, gauges={**_CAPACITY, _collector(foreign.QUEUE.prometheus, "b", **_QUEUE): 5.0},
        bad_gauges={_collector(foreign.QUEUE.prometheus, "b", **_QUEUE): 95.0},
    ),
    "LLMSeriesOverflow": Trouble(
        calm={}, bad={}, owner=PLATFORM, gauges={**_ROOM, _collector(foreign.STREAMS.prometheus, "c"): 100.0},
        bad_gauges={_collector(foreign.STREAMS.prometheus, "c"): 990.0},
    ),
}  # fmt: skip
