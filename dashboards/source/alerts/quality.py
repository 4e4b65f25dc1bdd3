"""Quality: guardrails that block, retrievals that find nothing, scores below target, fallbacks, reviews that pile up."""

from __future__ import annotations

from dashboards.source import quality, records
from dashboards.source.alerts.rule import Alert
from dashboards.source.limits import LIMITS
from dashboards.source.query import RULE, WHO, by
from dashboards.source.records import INTERVAL_S, Recorded

from tellmetry import names


def _sum(series: Recorded, window: str, offset: str = "") -> str:
    return f"sum_over_time({series.prometheus}[{window}]{offset})"


def _share(part: Recorded, whole: Recorded, window: str, offset: str = "") -> str:
    return f"{_sum(part, window, offset)} / ({_sum(whole, window, offset)} > 0)"


def _unusual(part: Recorded, whole: Recorded, limit: float) -> str:
    """Hold where a share is above its limit and, if it has a yesterday, a multiple of that: some guardrails block a lot."""
    now = _share(part, whole, "15m")
    return (
        f"{now} > {limit:g}\n"
        f"  and {_sum(whole, '15m')} * {INTERVAL_S} >= {LIMITS.least_calls}\n"
        f"  unless {now} <= {LIMITS.usual_factor:g} * ({_share(part, whole, '1d', ' offset 30m')})"
    )


BLOCKS = Alert(
    name="LLMGuardrailBlockSpike",
    expr=_unusual(records.BLOCKS, records.CHECKS, LIMITS.guardrail_block_share),
    for_="2m",
    keep_firing_for="15m",
    severity="warning",
    summary="A guardrail blocks far more than usual.",
    description="{{ .Labels.tellmetry_guardrail_name }} blocks {{ .Value | humanizePercentage }} of what "
    "{{ .Labels.tellmetry_workflow }} shows it: an attack, a bad release, or a rule that is too strict.",
    board=quality.QUALITY,
    panel=quality.BLOCK_SHARE,
    limit=LIMITS.guardrail_block_share,
    labels=records.GUARD,
)

EMPTY = Alert(
    name="LLMEmptyRetrievalSpike",
    expr=_unusual(records.EMPTY, records.RETRIEVALS, LIMITS.empty_retrieval_share),
    for_="2m",
    keep_firing_for="15m",
    severity="warning",
    summary="A knowledge source finds nothing far more often than usual.",
    description="{{ .Value | humanizePercentage }} of the look-ups of {{ .Labels.tellmetry_workflow }} in "
    "{{ .Labels.gen_ai_data_source_id }} find nothing: the model answers from memory.",
    board=quality.QUALITY,
    panel=quality.EMPTY_BY_SOURCE,
    limit=LIMITS.empty_retrieval_share,
    labels=records.SOURCE,
)

_scored = (*WHO, names.EVALUATION_NAME)
_to_target = f"on ({by(names.WORKFLOW, names.EVALUATION_NAME)}) group_left ()"
_target = f"max by ({by(names.WORKFLOW, names.EVALUATION_NAME)}) ({names.CONTRACT_TARGET.prometheus})"


def _missed(window: str) -> str:
    """Give the mean where it is below target by more than chance explains for that many scores between 0 and 1."""
    count = RULE.increase(names.EVALUATIONS, *_scored, window=window)
    mean = f"{RULE.increase(names.SCORES, *_scored, window=window)} / ({count} > 0)"
    chance = f"{LIMITS.evaluation_sigma:g} * sqrt(clamp_min({_target} * (1 - {_target}), 0.01))"
    return (
        f"(\n  {mean} < {_to_target} {_target}\n"
        f"  and (0 - ({mean} - {_to_target} {_target})) * sqrt({count}) > {_to_target} ({chance})\n"
        f"  and {count} >= {LIMITS.least_scores}\n)"
    )


BELOW = Alert(
    name="LLMEvaluationBelowTarget",
    expr=f"{_missed('1h')}\nor\n{_missed('1d')}",
    for_="5m",
    keep_firing_for="30m",
    severity="warning",
    summary="An evaluation is below the target of its workflow's contract.",
    description='{{ .Labels.gen_ai_evaluation_name }} of {{ .Labels.tellmetry_workflow }} is {{ .Value | printf "%.3f" }} on '
    "average, below the contract's target by more than chance explains.",
    board=quality.QUALITY,
    panel=quality.SCORES,
    labels=_scored,
)


def _fallen(window: str) -> str:
    return (
        f"(\n  {_share(records.FALLEN_BACK, records.RUNS, window)} > {LIMITS.fallback_share:g}\n"
        f"  and {_sum(records.RUNS, window)} * {INTERVAL_S} >= {LIMITS.least_calls}\n)"
    )


FALLBACK = Alert(
    name="LLMFallbackShare",
    expr=f"{_fallen('15m')}\nor\n{_fallen('6h')}",
    for_="5m",
    keep_firing_for="15m",
    severity="warning",
    summary="Many runs of a workflow end on its fallback path.",
    description="{{ .Value | humanizePercentage }} of the runs of {{ .Labels.tellmetry_workflow }} were finished by a "
    "fallback: users get the second best, and nobody may have noticed.",
    board=quality.QUALITY,
    panel=quality.FALLBACK,
    limit=LIMITS.fallback_share,
    because=("LLMFailureSpike",),
)

_waiting = f"sum by ({by(*WHO)}) ({records.BACKLOG.prometheus})"
BACKLOG = Alert(
    name="LLMReviewBacklog",
    # A busy desk has always some in hand; what it decides in an hour is no pile.
    expr=(
        f"{_waiting} > {LIMITS.review_backlog}\n"
        f"  and {_waiting} > sum by ({by(*WHO)}) ({_sum(records.DECIDED, '1h')}) * {INTERVAL_S}"
    ),
    for_="15m",
    keep_firing_for="30m",
    severity="warning",
    summary="Reviews wait for people.",
    description="{{ .Value | humanize }} reviews of {{ .Labels.tellmetry_workflow }} are requested and not decided.",
    board=quality.QUALITY,
    panel=quality.BACKLOG,
    limit=LIMITS.review_backlog,
)

ALERTS = (BLOCKS, EMPTY, BELOW, FALLBACK, BACKLOG)
