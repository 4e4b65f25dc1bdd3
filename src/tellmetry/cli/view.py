"""`tellmetry view`: single runs and calls of the store, in the terminal."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from tellmetry import settings
from tellmetry.cli.report import nothing, span_s, spans

TROUBLE = 1


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--store", type=Path, metavar="DIR", help="the store to read (default: TELLMETRY_STORE)")
    parser.add_argument("--since", type=span_s, metavar="TIME", help="only the last 30m, 2h, 7d or 4w")
    parser.epilog = "Needs the extra: pip install 'tellmetry[view]'."


def run(args: Namespace) -> int:
    """Open the window; a store without spans is said in one line."""
    if find_spec("textual") is None:
        settings.complain("textual is not installed: pip install 'tellmetry[view]'. `tellmetry report` needs nothing.")
        return TROUBLE
    from tellmetry.view.app import View
    from tellmetry.view.traces import Node, trees

    store = args.store or settings.read().store

    def read() -> list[Node]:
        return trees(spans(store, args.since, Counter()))

    if not read():
        settings.complain(nothing(store, args.since))
        return 0
    View(read).run()
    return 0
