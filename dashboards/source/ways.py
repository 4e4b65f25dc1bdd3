"""The ways between boards, and how series are named: what several boards say alike."""

from __future__ import annotations

from dashboards.source import foreign, uids
from dashboards.source.grammar import JSON, Link, Query, override
from dashboards.source.query import BOARD, by

from tellmetry import names

HOUR_S = 3600
DOLLARS_PER_HOUR = f" * {HOUR_S}"


def legend(*attributes: str) -> str:
    """Name a series by some of its labels."""
    return " ".join(f"{{{{{names.label(attribute)}}}}}" for attribute in attributes)


def picked(variable: str, attribute: str) -> dict[str, str]:
    """Narrow a variable to the label of the series that was clicked."""
    return {variable: f"${{__field.labels.{by(attribute)}}}"}


_of_series = picked("workflow", names.WORKFLOW)
_of_row = {"workflow": "${__data.fields.Workflow}"}

to_overview = Link("All workflows", uids.OVERVIEW)
to_workflow = Link("The workflow in full", uids.WORKFLOW)
to_cost = Link("Where the money goes", uids.COST)
to_failures = Link("What fails and why", uids.FAILURES)
to_quality = Link("Guardrails, retrieval, reviews", uids.QUALITY)
this_workflow = Link("This workflow", uids.WORKFLOW, _of_series)
this_model = Link("This model", uids.WORKFLOW, picked("model", names.REQUEST_MODEL))
row_workflow = Link("This workflow", uids.WORKFLOW, _of_row)
row_cost = Link("What this workflow costs", uids.COST, _of_row)
row_failures = Link("What fails here", uids.FAILURES, _of_row)

_DOTS = "kept traces"

# Exemplars hang on a histogram of their own. Its line means nothing and is not drawn; its dots lead to traces.
EXEMPLARS = Query(expr=BOARD.quantile(0.95, foreign.TRACED), legend=_DOTS, exemplar=True)
EXEMPLARS_ONLY: JSON = override(
    _DOTS, custom__lineWidth=0, custom__fillOpacity=0, custom__showPoints="never",
    custom__hideFrom={"legend": True, "tooltip": True, "viz": False},
)  # fmt: skip

FIRING = f'{foreign.ALERTS.prometheus}{{alertname=~"LLM.*", alertstate="firing"}}'
SINCE = f'{foreign.ALERTS_SINCE.prometheus}{{alertname=~"LLM.*"}}'


def traceql(condition: str, *columns: str, workflow: bool = True) -> str:
    """Search the traces of the chosen services; of the chosen workflow too, which drops spans outside any workflow."""
    chosen = f'resource.{names.SERVICE_NAME} =~ "${{service:regex}}"'
    if workflow:
        chosen += f' && span.{names.WORKFLOW} =~ "${{workflow:regex}}"'
    shown = ", ".join(f"span.{column}" for column in columns)
    return f"{{ {chosen} && {condition} }} | select({shown})"
