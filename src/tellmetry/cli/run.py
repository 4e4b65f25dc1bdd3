"""`tellmetry run CMD`: the command as it is, with tellmetry on, also where `.pth` files are ignored."""

from __future__ import annotations

import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from pathlib import Path

from tellmetry.settings import complain

_SITE = Path(__file__).parent / "site"
NOT_FOUND, NOT_RUNNABLE = 127, 126  # as a shell has it


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.usage = "tellmetry run CMD [ARG ...]"
    parser.add_argument("cmd", nargs=REMAINDER, metavar="CMD", help="the command with its arguments, as you type them")
    parser.epilog = "Sets TELLMETRY=on unless it is set. The exit code is the command's."


def run(args: Namespace) -> int:
    """Become the command; comes back only where there is none to become."""
    command = args.cmd[1:] if args.cmd[:1] == ["--"] else args.cmd
    if not command:
        complain("say which command to run, for example: tellmetry run python app.py")
        return 2
    sys.stdout.flush()
    try:
        os.execvpe(command[0], command, environment(os.environ))  # noqa: S606 - the command is the user's
    except FileNotFoundError:
        complain(f"there is no command {command[0]!r}.")
        return NOT_FOUND
    except OSError as error:
        complain(f"{command[0]!r} cannot be run: {error.strerror}.")
        return NOT_RUNNABLE


def environment(given: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """Give the environment in which the command is armed."""
    path = [str(_SITE), given.get("PYTHONPATH", "")]
    return {"TELLMETRY": "on", **given, "PYTHONPATH": os.pathsep.join(part for part in path if part)}
