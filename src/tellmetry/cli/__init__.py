"""The `tellmetry` command: one row a subcommand, one file each, imported when it is asked for."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import NamedTuple

INTERRUPTED = 130
BROKEN_PIPE = 141


class Command(NamedTuple):
    """One subcommand: its file here, which has `configure(parser)` and `run(args) -> int`, and what it does."""

    name: str
    says: str


COMMANDS: tuple[Command, ...] = (
    Command("demo", "run a sample app against a loopback provider and print the report"),
    Command("report", "what the stored spans say: cost, failures, latency, runs"),
    Command("view", "single runs and calls of the store, as trees in the terminal"),
    Command("contracts", "check the contracts file, and render it as alert limits for Prometheus"),
    Command("doctor", "what is armed, what is wrong, and what to do about it"),
    Command("run", "run a command with tellmetry switched on"),
    Command("ship", "send the stored spans to the OTLP endpoint now"),
    Command("grafana", "write the boards and alerts to a Grafana, compare them, or take old ones away"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    args = _parser(given).parse_args(given)
    try:
        return int(import_module(f"tellmetry.cli.{args.command}").run(args))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `tellmetry report | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _parser(given: list[str]) -> ArgumentParser:
    from tellmetry.version import VERSION

    parser = ArgumentParser(prog="tellmetry", description="Observability for LLM applications.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(command.name, help=command.says, description=f"{command.says.capitalize()}.")
        if command.name in given:  # else nobody will ask for its options
            import_module(f"tellmetry.cli.{command.name}").configure(one)
    return parser
