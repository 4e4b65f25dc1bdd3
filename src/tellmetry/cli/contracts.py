"""`tellmetry contracts`: check the contracts file, and render it as rules for Prometheus."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from tellmetry import settings

RIGHT, WRONG = 0, 1


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("act", choices=("check", "rules"), help="check: say what is wrong; rules: print the rule file")
    parser.add_argument("file", nargs="?", type=Path, help="default: TELLMETRY_CONTRACTS, else tellmetry.toml here")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the rules there instead of printing them")
    parser.epilog = f"Exit codes: {RIGHT} the file is right; {WRONG} it is not, and each mistake was told."


def run(args: Namespace) -> int:
    """Check the file; render it only where nothing is wrong, or an alert would silently miss its limit."""
    from tellmetry.operate import contracts

    found = contracts.read(contracts.find(args.file or settings.read().contracts))
    for mistake in found.mistakes:
        settings.complain(mistake)
    if found.mistakes:
        return WRONG
    if args.act == "check":
        sys.stdout.write(f"{found.path}: {len(found.by_workflow)} contracts, all right.\n")
        return RIGHT
    from tellmetry.operate import rules

    return _give(rules.rendered(found.by_workflow.values(), found.path.name), args.out)


def _give(text: str, out: Path | None) -> int:
    if out is None:
        sys.stdout.write(text)
        return RIGHT
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        settings.complain(f"{out} cannot be written ({error.strerror}); give another path.")
        return WRONG
    return RIGHT
