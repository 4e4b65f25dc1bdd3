"""The report as tables that fit 100 columns: one block a row, what matters first, nothing shown that is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from rich import box
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tellmetry.report import Report
from tellmetry.report.calls import CallRow
from tellmetry.report.checks import GuardrailRow, RetrievalRow
from tellmetry.report.figures import count, money, seconds
from tellmetry.report.row import Seconds
from tellmetry.report.runs import RunRow

_OUTCOME_STYLES = {"block": "red", "error": "red", "modify": "yellow", "flag": "yellow"}
NONE = "(no workflow)"
_COLUMNS = 100
_SHARES = "p50, p95"


def tables(report: Report) -> RenderableType:
    """Show a report: calls, runs, retrievals and guardrails, each where there is any."""
    parts: list[RenderableType] = []
    if report.calls:
        parts.append(_calls(report))
    if report.runs:
        parts.append(_runs(report.runs))
    if report.retrievals:
        parts.append(_retrievals(report.retrievals))
    if report.guardrails:
        parts.append(_guardrails(report.guardrails))
    if report.lost:
        lost = ", ".join(f"{number} at {stage}" for stage, number in report.lost.most_common())
        parts.append(Text(f"Lost and not in these numbers: {lost}.", "bold red"))
    return Padding(Group(*parts), (1, 1))


def console() -> Console:
    """Give the terminal, or 100 columns where there is none."""
    there = Console()
    return there if there.is_terminal else Console(width=max(there.width, _COLUMNS))


def _table(title: str, *columns: str, names: int = 14) -> Table:
    """Make a table; a column whose name begins with `<` holds words, the first one of at least `names` letters."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.pad_edge = False
    for number, column in enumerate(columns):
        side: JustifyMethod = "left" if column.startswith("<") else "right"
        least = names if number == 0 else None
        table.add_column(column.removeprefix("<"), justify=side, overflow="fold", min_width=least)
    return table


def _stack(*lines: Text | str | None) -> Text:
    """Set lines on top of each other, without those that say nothing."""
    shown = [line if isinstance(line, Text) else Text(line) for line in lines if line]
    return Text("\n").join(shown)


def _if(number: int, says: str, style: str = "") -> Text | None:
    return Text(f"{count(number)} {says}", style) if number else None


# -- calls -------------------------------------------------------------------------------------------------------------
def _calls(report: Report) -> Table:
    columns = ("Calls", "Cost", "Tokens", f"Latency\n{_SHARES}", f"1st chunk\n{_SHARES}", "<Fed,\nchecked")
    table = _table("Model calls", "<Model · prompt", *columns, names=26)
    for workflow, rows in groupby(report.calls, key=lambda row: row.workflow):
        table.add_row(Text(workflow or NONE, "bold cyan"))
        for row in rows:
            table.add_row(_what(row), *_call_cells(row))
        table.add_section()
    table.add_row(Text("all calls", "bold"), *_call_cells(report.total), style="bold")
    return table


def _what(row: CallRow) -> Text:
    prompt = " ".join(part for part in (row.prompt, row.version) if part)
    return _stack(row.model or row.provider or "?", Text(prompt, "dim") if prompt else None)


def _call_cells(row: CallRow) -> tuple[Text, ...]:
    return (
        _stack(count(row.calls), _if(row.failed, "failed", "red"), _if(row.retries, "retried", "yellow")),
        _cost(row),
        _tokens(row),
        _spread(row.latency),
        _spread(row.first_chunk),
        _stack(_if(row.retrieved, "fed"), _if(row.retrieved_empty, "empty", "yellow"), _outcomes(row.guardrails)),
    )


def _cost(row: CallRow) -> Text:
    cost = None if row.cost_usd is None and not row.unpriced else money(row.cost_usd)
    return _stack(cost, _if(row.unpriced, "unpriced", "bold red"), _if(row.estimated, "estimated", "yellow"))


def _tokens(row: CallRow) -> Text:
    told = row.sums
    cached = _if(told["cached_tokens"], "cached", "dim")
    return _stack(f"{count(told['input_tokens'])} in", cached, _if(told["output_tokens"], "out"))


def _spread(times: Seconds) -> Text:
    """Show the median over the 95th percentile."""
    if times.at(0.5) is None:
        return Text("")
    return _stack(seconds(times.at(0.5)), Text(seconds(times.at(0.95)), "dim"))


def _outcomes(outcomes: Counter[str]) -> Text:
    return _stack(*(_if(number, name, _OUTCOME_STYLES.get(name, "")) for name, number in outcomes.most_common()))


# -- runs and what stands beside the calls -----------------------------------------------------------------------------
def _runs(rows: list[RunRow]) -> Table:
    columns = ("<Workflow", "<Owner", "Runs", "<Results", "<Fallbacks", "Cost\na run, all", f"Takes\n{_SHARES}")
    table = _table("Workflow runs", *columns)
    for row in rows:
        table.add_row(
            Text(row.workflow or NONE, "bold cyan"),
            row.owner or Text("nobody", "yellow"),
            _stack(count(row.runs), _if(row.failed, "failed", "red")),
            _counted(row.results.most_common()),
            _counted(row.fallbacks.most_common()),
            _stack(money(row.cost_usd_per_run), Text(money(row.cost_usd), "dim")),
            _spread(row.duration),
        )
    return table


def _counted(pairs: Iterable[tuple[str, int]]) -> Text:
    return _stack(*(f"{count(number)} {name}" for name, number in pairs))


def _retrievals(rows: list[RetrievalRow]) -> Table:
    columns = ("<Workflow", "<Source", "Retrievals", "Empty", "Failed", "Documents", f"Takes\n{_SHARES}")
    table = _table("Retrievals", *columns)
    for row in rows:
        table.add_row(
            Text(row.workflow or NONE, "bold cyan"),
            row.source or "?",
            count(row.retrievals),
            Text(count(row.empty), "yellow" if row.empty else "dim"),
            Text(count(row.failed), "red" if row.failed else "dim"),
            count(row.documents),
            _spread(row.duration),
        )
    return table


def _guardrails(rows: list[GuardrailRow]) -> Table:
    table = _table("Guardrails", "<Workflow", "<Guardrail", "<Target", "Checks", "<Outcomes", "<Reasons")
    for row in rows:
        table.add_row(
            Text(row.workflow or NONE, "bold cyan"),
            row.guardrail or "?",
            row.target or "",
            count(row.checks),
            _outcomes(row.outcomes),
            _counted(row.reasons.most_common(4)),
        )
    return table
