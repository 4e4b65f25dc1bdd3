"""`tellmetry doctor`: what is armed, what is wrong, and what to do about it; a distinct exit code for each fault."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tellmetry.doctor.line import Line

FINE = 0


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from tellmetry.doctor import TOPICS

    says = "; ".join(f"{topic}: {what}" for topic, what in TOPICS.items())
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"look at these only ({says})")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="S", help="seconds to wait for the endpoint")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--codes", action="store_true", help="list every fault and its exit code")
    parser.epilog = "Exit code: 0 where all is well, else the lowest code of the faults found."


def run(args: Namespace) -> int:
    """Look at every topic and say what was found."""
    from tellmetry import doctor, settings
    from tellmetry.doctor.line import Asked

    if args.codes:
        return _codes()
    unknown = [topic for topic in args.topics if topic not in doctor.TOPICS]
    if unknown:
        settings.complain(f"doctor knows nothing of {', '.join(unknown)}: choose from {', '.join(doctor.TOPICS)}.")
        return 2
    asked = Asked(settings.read(say=lambda _: None), timeout_s=args.timeout)
    found = []
    for topic, lines in doctor.examine(asked, tuple(args.topics or doctor.TOPICS)):
        found += lines
        if not args.json:
            _print(topic, lines)
    if args.json:
        json.dump([_as_json(line) for line in found], sys.stdout, indent=2)
        sys.stdout.write("\n")
    return min((line.fault.code for line in found if line.fault is not None), default=FINE)


def _as_json(line: Line) -> dict[str, object]:
    fault = line.fault
    return {"says": line.says, "fault": fault and fault.name, "code": fault and fault.code}


def _print(topic: str, lines: list[Line]) -> None:
    """Print one topic as soon as it has been looked at."""
    from rich.padding import Padding
    from rich.text import Text

    from tellmetry.cli.tables import console

    terminal = console()
    terminal.print(Text(topic, "bold"))
    for line in lines:
        mark, style = ("✗", "bold red") if line.fault else ("·", "dim") if line.note else ("✓", "green")
        said = Text.assemble((f"{mark} ", style), line.says)
        if line.fault:
            said.append(f"  [{line.fault.name}, exit {line.fault.code}]", "red")
        terminal.print(Padding(said, (0, 0, 0, 2)), highlight=False)


def _codes() -> int:
    from tellmetry.doctor.faults import FAULTS

    sys.stdout.writelines(f"{fault.code:>3}  {fault.name:<22} {fault.says}\n" for fault in FAULTS)
    return FINE
