"""Money: spikes against the same hours of earlier weeks, new spending, budgets, drift of the price of a call, no price."""

from __future__ import annotations

from dashboards.source import cost, records
from dashboards.source.alerts.rule import Alert
from dashboards.source.limits import LIMITS
from dashboards.source.query import PLACE, RULE, by
from dashboards.source.ways import HOUR_S

from tellmetry import names

_cost, _hour, _usual = records.COST.prometheus, records.COST_HOUR.prometheus, records.COST_USUAL.prometheus
_calls = records.CALLS.prometheus
_on = f"on ({by(*PLACE)})"
_beside = f"{_on} group_left ()"


def _above_usual(spent: str) -> str:
    """Give dollars per hour where they are both a multiple of the usual and a sum worth waking for."""
    return (
        f"{HOUR_S} * {spent} > {_beside} ({HOUR_S} * {LIMITS.cost_factor:g} * {_usual})\n"
        f"  and {HOUR_S} * ({spent} - {_beside} {_usual}) > {LIMITS.cost_excess_usd_per_hour:g}"
    )


SPIKE = Alert(
    name="LLMCostSpike",
    # Five minutes decide where calls are many; where they are few, one dear call would, so there the hour decides.
    expr=f"(\n  {_above_usual(_cost)}\n  and {_calls} * 300 >= {LIMITS.cost_least_calls}\n)\nor\n(\n  {_above_usual(_hour)}\n)",
    for_="1m",
    keep_firing_for="10m",
    severity="warning",
    summary="A workflow costs a multiple of what it usually costs at this hour.",
    description='{{ .Labels.tellmetry_workflow }} spends {{ .Value | printf "%.2f" }} USD per hour, more than '
    f"{LIMITS.cost_factor:g} times what this time of day usually costs.",
    board=cost.COST,
    panel=cost.SPENDING,
    because=("LLMCollectorDown",),  # what apps kept meanwhile comes all at once
)

_known = f"max by ({by(*PLACE)}) (max_over_time({_hour}[6d] offset 1h))"
NEW = Alert(
    name="LLMCostSpikeNewWorkflow",
    expr=(
        f"{HOUR_S} * {_cost} > {LIMITS.new_cost_usd_per_hour:g}\n"
        f"  unless {_on} {_usual}\n"
        f"  unless {_cost} <= {_beside} ({LIMITS.new_cost_factor:g} * {_known})"
    ),
    for_="5m",
    keep_firing_for="10m",
    severity="warning",
    summary="A workflow without a history spends a lot.",
    description='{{ .Labels.tellmetry_workflow }} spends {{ .Value | printf "%.2f" }} USD per hour and has no three days '
    f"behind it to compare with; new spending above {LIMITS.new_cost_usd_per_hour:g} USD per hour is told.",
    board=cost.COST,
    panel=cost.NEW,
    limit=LIMITS.new_cost_usd_per_hour,
    because=("LLMCollectorDown",),
)

# A budget is of the workflow, wherever it runs.
_purse = (names.WORKFLOW, names.OWNER)
_to_budget = (
    f"on ({by(names.WORKFLOW)}) group_left () max by ({by(names.WORKFLOW)}) ({names.CONTRACT_DAILY_BUDGET.prometheus})"
)
_today = f"sum by ({by(*_purse)}) ({records.COST_TODAY.prometheus})"
_last_hour = f"sum by ({by(*_purse)}) ({_hour}) * {HOUR_S}"
_rest = f"on ({by(names.WORKFLOW)}) group_left () sum by ({by(names.WORKFLOW)}) ({records.COST_REST.prometheus})"

SPENT = Alert(
    name="LLMBudgetSpent",
    expr=f"{_today} / {_to_budget} > {LIMITS.budget_share:g}",
    for_="2m",
    keep_firing_for="10m",
    severity="critical",
    summary="A workflow has spent its daily budget.",
    description="{{ .Labels.tellmetry_workflow }} has spent {{ .Value | humanizePercentage }} of its daily budget, and the "
    "UTC day is not over.",
    board=cost.COST,
    panel=cost.USED,
    limit=LIMITS.budget_share,
    labels=_purse,
)

BURN = Alert(
    name="LLMBudgetBurn",
    expr=f"{_last_hour} / {_to_budget} > {LIMITS.budget_share_per_hour:g}",
    for_="5m",
    keep_firing_for="15m",
    severity="warning",
    summary="A workflow spends a large part of its daily budget in one hour.",
    description="{{ .Labels.tellmetry_workflow }} spent {{ .Value | humanizePercentage }} of its daily budget in the last "
    "hour.",
    board=cost.COST,
    panel=cost.USED,
    labels=_purse,
    because=("LLMBudgetSpent",),
)

FORECAST = Alert(
    name="LLMBudgetForecast",
    expr=(
        f"({_today} + {_rest}) / {_to_budget} > {LIMITS.budget_share:g}\n"
        f"  and {_today} / {_to_budget} > {LIMITS.budget_share_before_forecast:g}"
    ),
    for_="15m",
    keep_firing_for="30m",
    severity="info",
    summary="A workflow will have spent its daily budget before the day is over.",
    description="{{ .Labels.tellmetry_workflow }} is on the way to {{ .Value | humanizePercentage }} of its daily budget: "
    "what it has spent today and what the rest of a day cost yesterday or a week ago, whichever was less.",
    board=cost.COST,
    panel=cost.USED,
    limit=LIMITS.budget_share,
    labels=_purse,
    because=("LLMBudgetSpent", "LLMBudgetBurn"),
)


def _per_call(days: int) -> str:
    """Give the price of a call over two hours of an earlier day, which traffic does not move."""
    spent, made = (f"sum by ({by(*PLACE)}) (sum_over_time({x}[2h] offset {days}d))" for x in (_cost, _calls))
    enough = f"{made} * {records.INTERVAL_S} >= {LIMITS.cost_per_call_least_calls / 2:g}"
    return f'label_replace({spent} / {made} and {enough}, "day", "{days}", "", "")'


# Rather the cheaper of the last seven days: prices that fell this week are the usual now, those that rose are not yet.
_usual_call = f"quantile by ({by(*PLACE)}) (0.35, {' or '.join(map(_per_call, range(1, 8)))})"
_two_hours = f"sum_over_time({_cost}[2h]) / (sum_over_time({_calls}[2h]) > 0)"

DRIFT = Alert(
    name="LLMCostPerCallDrift",
    expr=(
        f"{_two_hours}\n  > {_beside} ({LIMITS.cost_per_call_factor:g} * {_usual_call})\n"
        f"  and sum_over_time({_calls}[2h]) * {records.INTERVAL_S} >= {LIMITS.cost_per_call_least_calls}\n"
        f"  and ({_two_hours} - {_beside} {_usual_call}) * avg_over_time({_calls}[2h]) * {HOUR_S}"
        f" > {LIMITS.cost_per_call_excess_usd_per_hour:g}"
    ),
    for_="5m",
    keep_firing_for="30m",
    severity="warning",
    summary="A call of this workflow has become dearer.",
    description='One call of {{ .Labels.tellmetry_workflow }} costs {{ .Value | printf "%.4f" }} USD on average, more than '
    f"{LIMITS.cost_per_call_factor:g} times what it cost at this time of day in the last week, whatever the traffic.",
    board=cost.COST,
    panel=cost.PER_CALL,
    because=("LLMCostSpike",),
)

_unpriced = names.UNPRICED_CALLS.prometheus
_call = by(*records.CALL)
UNPRICED = Alert(
    name="LLMUnpricedModel",
    # The second half catches the first call ever, which has no earlier sample to have grown from.
    expr=(
        f"{RULE.increase(names.UNPRICED_CALLS, *records.CALL, window='15m')} > 0\n"
        f"  or (sum by ({_call}) ({_unpriced}) > 0 unless sum by ({_call}) ({_unpriced} offset 15m))"
    ),
    for_="0m",
    keep_firing_for="1h",
    severity="info",
    summary="Calls go to a model without a known price.",
    description="{{ .Labels.tellmetry_workflow }} calls {{ .Labels.gen_ai_request_model }} of "
    "{{ .Labels.gen_ai_provider_name }}, which has no known price: what it costs is missing from every sum.",
    board=cost.COST,
    panel=cost.MISSING,
    limit=1,
    labels=records.CALL,
)

ALERTS = (SPIKE, NEW, SPENT, BURN, FORECAST, DRIFT, UNPRICED)
