"""What the demo prints: what was run, and the two accounts side by side, ending in one word: equal, or not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tellmetry.demo.account import Account, Sum, total
from tellmetry.demo.play import Played

_COLUMNS = {"calls": 5, "tokens in": 9, "out": 7, "USD": 9}
_EQUAL, _ALIKE, _DIFFERENT = Text("=", "green"), Text("≈", "dim"), Text("≠", "bold red")


def scene(played: Played, wrong: str | None = None) -> RenderableType:
    """Say what was run, and what went wrong meanwhile."""
    jobs, seconds = played.results.total(), played.seconds
    lines = [
        Text.assemble(
            ("Acme Cargo Bikes", "bold"),
            f" did {jobs} jobs in {seconds:.1f} s: its code unchanged, its openai and anthropic clients the real ones,",
            f" the provider a server on loopback that keeps a bill ({played.account.bill.requests} requests). No key,",
            " no network.",
        )
    ]
    if wrong is not None:
        lines.append(Text(f"Meanwhile {wrong}.", "yellow"))
    if played.sent_to is not None:
        lines.append(_sent(played))
    lines += [Text(line, "yellow") for line in played.said]
    return Padding(Group(*lines), (1, 1, 0, 1))


def _sent(played: Played) -> Text:
    if played.trouble is None:
        return Text(f"{played.sent} spans went on to {played.sent_to}.")
    return Text(f"{played.sent} spans went on to {played.sent_to}, the rest did not: {played.trouble}.", "bold yellow")


def account(of: Account) -> RenderableType:
    """Show the bill and ours side by side, what stands apart below, and the verdict."""
    parts: list[RenderableType] = [_table(of)]
    if of.bill.apart or of.ours.apart:
        parts += [Text(), _apart(of)]
    return Padding(Group(*parts, Text(), *_verdict(of)), (1, 1))


def _table(of: Account) -> Table:
    table = _grid("The provider's bill, and what tellmetry recorded", "provider", "tellmetry")
    for model in of.models:
        _row(table, model, of.bill.told.get(model, Sum()), of.ours.told.get(model, Sum()))
    table.add_section()
    _row(table, "all", of.bill.total, of.ours.total, style="bold")
    return table


def _apart(of: Account) -> Table:
    table = _grid("Apart: streams left or broken off, so the provider told no usage", "provider", "estimated")
    for model in sorted({*of.bill.apart, *of.ours.apart}):
        theirs, mine = of.bill.apart.get(model, Sum()), of.ours.apart.get(model, Sum())
        table.add_row(model, *_cells(theirs), _ALIKE if theirs.calls == mine.calls else _DIFFERENT, *_cells(mine))
    return table


def _grid(title: str, *sides: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=0, show_edge=False
    )
    table.add_column("Model", no_wrap=True, min_width=22)
    for place, side in enumerate(sides):
        if place:
            table.add_column("", justify="center", min_width=3)
        for name, width in _COLUMNS.items():
            heading = f"{side}\n{name}" if name == "USD" else f"\n{name}"
            table.add_column(heading, justify="right", no_wrap=True, min_width=width)
    return table


def _row(table: Table, model: str, theirs: Sum, mine: Sum, style: str = "") -> None:
    mark = _EQUAL if theirs == mine else _DIFFERENT
    table.add_row(model, *_cells(theirs), mark, *_cells(mine), style=style)


def _cells(one: Sum) -> Iterator[RenderableType]:
    yield f"{one.calls:,}"
    yield f"{one.input:,}"
    yield f"{one.output:,}"
    yield Text("no price", "bold yellow") if one.unpriced and one.unpriced == one.calls else usd(one.usd)


def usd(amount: Decimal) -> str:
    """Show dollars as they can be read; what is compared is not rounded."""
    return f"{amount:.6f}" if amount < 1 else f"{amount:,.4f}"


def _verdict(of: Account) -> Iterator[Text]:
    differences = list(of.differences())
    yield from (Text(one, "red") for one in differences)
    if differences:
        yield Text("Not equal: what tellmetry recorded is not what the provider bills.", "bold red")
        return
    whole, apart = of.bill.total, total(of.bill.apart)
    calls, tokens = whole.calls + apart.calls, whole.input + whole.output
    says = f": {calls:,} calls, {tokens:,} tokens and ${usd(whole.usd)} on both sides, to the last digit."
    if of.ours.failed:
        yield Text(f"{_calls(of.ours.failed)} got an error for an answer and cost nothing.")
    yield Text.assemble(("Equal", "bold green"), says)


def _calls(number: int) -> str:
    return "One more call" if number == 1 else f"{number:,} more calls"
