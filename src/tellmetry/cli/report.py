"""`tellmetry report`: what the store says, as tables or JSON."""

from __future__ import annotations

import json
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tellmetry import settings

if TYPE_CHECKING:
    from tellmetry.emit.spans import Finished
    from tellmetry.report import Report

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--store", type=Path, metavar="DIR", help="the store to read (default: TELLMETRY_STORE)")
    parser.add_argument("--since", type=span_s, metavar="TIME", help="only the last 30m, 2h, 7d or 4w")
    parser.add_argument("--json", action="store_true", help="print JSON with exact numbers instead of tables")


def span_s(text: str) -> float:
    """Read a length of time such as `2h`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip().lower())
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not a time: write a number and s, m, h, d or w, for example 2h")
    return float(found[1]) * _UNITS_S[found[2]]


def run(args: Namespace) -> int:
    """Print the report; 0 even where there is nothing to report."""
    from tellmetry import report

    store = args.store or settings.read().store
    torn: Counter[Path] = Counter()
    made = report.build(spans(store, args.since, torn))
    if args.json:
        told = {"store": str(store), "since_s": args.since, **made.as_json(), "torn_lines": torn.total()}
        json.dump(told, sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif made.spans or made.lost:
        _print(made, store, torn)
    if not made.spans:
        settings.complain(nothing(store, args.since))
    return 0


def spans(store: Path, since_s: float | None, torn: Counter[Path]) -> Iterator[Finished]:
    """Give the spans of a store that ended in the last `since_s` seconds; damaged lines are counted by their file."""
    from tellmetry.emit import spool

    oldest_ns = 0 if since_s is None else time.time_ns() - round(since_s * 1e9)
    for told, _ in spool.read(store, lambda path: torn.update([path])):
        yield from (span for span in told if span.ended_ns >= oldest_ns)


def nothing(store: Path, since_s: float | None) -> str:
    """Say why there is nothing to show, and what to do."""
    if since_s is not None:
        return f"no span in {store} is that young; leave out --since to see all."
    return (
        f"no spans in {store}. Run your program with TELLMETRY=local to record there, or try `tellmetry demo`; "
        "with TELLMETRY=on what the endpoint has taken is not kept."
    )


def _print(made: Report, store: Path, torn: Counter[Path]) -> None:
    from tellmetry.cli.tables import console as terminal
    from tellmetry.cli.tables import tables

    console = terminal()
    console.print(tables(made))
    times = f"from {_minute(made.first_ns)} to {_minute(made.last_ns)}"
    console.print(f" {made.spans} spans {times} in {store}", style="dim", soft_wrap=True, highlight=False, markup=False)
    if torn:
        said = f" {torn.total()} damaged lines in {len(torn)} files were left out, {next(iter(torn))} first."
        console.print(said, style="yellow", soft_wrap=True, highlight=False, markup=False)


def _minute(at_ns: int | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime((at_ns or 0) / 1e9))
