"""PromQL over rows of `tellmetry.names`: a metric or label that does not exist fails when it is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tellmetry import names

Where = Mapping[str, str]  # attribute -> operator and quoted value, such as '!="none"'

PLACE = (names.SERVICE_NAME, names.ENVIRONMENT, names.WORKFLOW)
WHO = (*PLACE, names.OWNER)

# Board variables and the label each one filters; a board passes those that its metric has.
VARIABLES: Mapping[str, str] = {
    names.ENVIRONMENT: "environment",
    names.SERVICE_NAME: "service",
    names.WORKFLOW: "workflow",
    names.PROVIDER: "provider",
    names.REQUEST_MODEL: "model",
}

# How providers say that an answer was cut short, or not given.
TRUNCATED: Where = {names.FINISH_REASONS: '=~"(?i)length|max_tokens|max_output_tokens|model_context_window_exceeded"'}
REFUSED: Where = {names.FINISH_REASONS: '=~"(?i)refusal|content_filter(ed)?|safety|recitation|blocklist|guardrail.*"'}
FAILED: Where = {names.ERROR_TYPE: f'!="{names.NO_VALUE}"'}
BY_FALLBACK: Where = {names.FALLBACK_REASON: f'!="{names.NO_VALUE}"'}


class Series(Protocol):
    """Anything that Prometheus stores under one name with known labels."""

    @property
    def prometheus(self) -> str:
        """Give the name in Prometheus."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Give the attributes that became labels."""


def labels_of(series: Series) -> tuple[str, ...]:
    """Give every attribute that labels this series; metrics from spans carry those of the resource too."""
    return (*names.RESOURCE_LABELS, *series.labels) if isinstance(series, names.Metric) else series.labels


def by(*attributes: str) -> str:
    """Write a list of labels, as `by (...)` and `on (...)` take it."""
    return ", ".join(names.label(attribute) for attribute in attributes)


def equals(value: str) -> str:
    """Match one value."""
    return f'="{value}"'


def any_of(*values: str) -> str:
    """Match any of these values."""
    return f'=~"{"|".join(values)}"'


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads series in one setting: on a board (filtered by its variables) or in a rule (everything, fixed window)."""

    window: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def select(self, series: Series, where: Where | None = None, part: str = "") -> str:
        """Select a series; `part` is `_bucket`, `_sum` or `_count` of a histogram."""
        known = labels_of(series)
        _known(series, where or {}, known)
        filters = {a: f'=~"${variable}"' for a, variable in self.variables.items() if a in known}
        pairs = {**filters, **(where or {})}
        inside = ", ".join(f"{names.label(attribute)}{test}" for attribute, test in pairs.items())
        return f"{series.prometheus}{part}{{{inside}}}" if inside else f"{series.prometheus}{part}"

    def total(self, series: Series, *grouping: str, where: Where | None = None) -> str:
        """Add up what is there now: for recorded series, which are rates already."""
        return self._sum(series, grouping, self.select(series, where))

    def rate(self, series: Series, *grouping: str, where: Where | None = None, window: str = "", part: str = "") -> str:
        """Give the per-second rate of a counter."""
        inside = f"rate({self.select(series, where, part)}[{window or self.window}])"
        return self._sum(series, grouping, inside)

    def increase(self, series: Series, *grouping: str, where: Where | None = None, window: str = "") -> str:
        """Give how much a counter grew over the window; on boards, by default, over the whole time range."""
        inside = f"increase({self.select(series, where)}[{window or '$__range'}])"
        return self._sum(series, grouping, inside)

    def share(self, part: Series, whole: Series, *grouping: str, where: Where | None = None) -> str:
        """Give what part of a counter's rate another's is, or the same one's `where`."""
        return ratio(self.rate(part, *grouping, where=where), self.rate(whole, *grouping))

    def quantile(self, q: float, series: Series, *grouping: str, where: Where | None = None) -> str:
        """Give a quantile of a histogram; nothing, rather than NaN, where nothing happened."""
        _known(series, dict.fromkeys(grouping, ""), labels_of(series))
        labels = f"le, {by(*grouping)}" if grouping else "le"
        rates = f"rate({self.select(series, where, '_bucket')}[{self.window}])"
        return f"(histogram_quantile({q}, sum by ({labels}) ({rates})) >= 0)"

    def _sum(self, series: Series, grouping: tuple[str, ...], inside: str) -> str:
        _known(series, dict.fromkeys(grouping, ""), labels_of(series))
        return f"sum by ({by(*grouping)}) ({inside})" if grouping else f"sum({inside})"


def _known(series: Series, wanted: Where, known: tuple[str, ...]) -> None:
    unknown = [attribute for attribute in wanted if attribute not in known]
    if unknown:
        raise ValueError(f"{series.prometheus} has no label {', '.join(unknown)}")


def ratio(part: str, whole: str) -> str:
    """Divide, giving 0 where the part has no series and nothing where the whole is 0."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"


BOARD = Reader("$__rate_interval", VARIABLES)
NOW = Reader("5m", VARIABLES)  # tables and rankings of the present, which must not change with the zoom
RULE = Reader("5m")
