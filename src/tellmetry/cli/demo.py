"""`tellmetry demo`: run a sample app against a loopback provider, then print the report and the two accounts."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tellmetry.settings import complain

if TYPE_CHECKING:
    from tellmetry.demo.play import Played, Scene

_CLIENTS = ("openai", "anthropic")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EQUAL, DIFFERENT, BROKEN = 0, 1, 2


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    from tellmetry.demo.day.bursts import BURSTS

    parser.add_argument("--seed", type=int, default=7, help="another seed, another day; the same seed, the same one")
    parser.add_argument("--store", type=Path, metavar="DIR", help="keep the spans here, for `tellmetry report`")
    parser.add_argument("--on", action="store_true", help="send the spans on to the OTLP endpoint as well")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="save what is printed as SVG pictures as well")
    load = parser.add_argument_group("traffic", "instead of each case once, an ordinary day of jobs")
    load.add_argument("--load", type=_count, metavar="N", help="so many jobs, as fast as they go")
    load.add_argument("--seconds", type=_positive, metavar="S", help="jobs for so many seconds")
    load.add_argument("--rate", type=_positive, metavar="R", default=2.0, help="jobs a second (default: %(default)g)")
    load.add_argument("--day", action="store_true", help="with --seconds: quiet at both ends and busy in the middle")
    load.add_argument("--burst", choices=BURSTS, metavar="KIND", help=f"what goes wrong meanwhile: {', '.join(BURSTS)}")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ArgumentTypeError("give a whole number from 1 up")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ArgumentTypeError("give a number above 0")
    return value


def run(args: Namespace) -> int:
    """Run the demo: 0 where both accounts are equal, 1 where they are not, 2 where it could not run."""
    missing = [name for name in _CLIENTS if find_spec(name) is None]
    if missing:
        complain(f'the demo runs the real clients; not installed: {", ".join(missing)}. pip install "tellmetry[demo]"')
        return BROKEN
    from tellmetry.demo.child import ChildError
    from tellmetry.emit.trouble import Trouble

    try:
        with _store(args.store) as directory:
            return _run(args, directory)
    except (ChildError, Trouble, OSError) as error:
        complain(f"the demo did not run: {error}")
        return BROKEN


@contextlib.contextmanager
def _store(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="tellmetry-demo-") as made:
        yield Path(made)


def _run(args: Namespace, directory: Path) -> int:
    from tellmetry.demo.play import play

    scene = _scene(args, directory)
    with _progress(args) as tell:
        played = play(scene, tell)
    if args.json:
        json.dump(_as_json(args, played), sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _print(args, played)
    return EQUAL if played.account.is_equal else DIFFERENT


def _scene(args: Namespace, directory: Path) -> Scene:
    from tellmetry.demo.day import queue
    from tellmetry.demo.day.bursts import BURSTS
    from tellmetry.demo.pace import paced
    from tellmetry.demo.play import Scene

    burst = BURSTS[args.burst] if args.burst else None
    is_traffic = args.load is not None or args.seconds is not None or burst is not None
    jobs = iter(queue.showcase(args.seed))
    if is_traffic:
        jobs = queue.traffic(args.seed, burst)
        seconds = args.seconds or (0.0 if args.load else 60.0)
        count = args.load or max(round(seconds * args.rate), 1)
        jobs = paced(jobs, count, seconds, as_day=args.day) if seconds else islice(jobs, count)
    is_sent = args.on or any(os.environ.get(name) for name in _ENDPOINTS)
    return Scene(jobs, queue.rules(burst), directory, is_sent=is_sent, has_plain=not is_traffic)


@contextlib.contextmanager
def _progress(args: Namespace) -> Iterator[Callable[[int], None]]:
    from rich.console import Console

    with Console(stderr=True).status("Acme Cargo Bikes opens …") as status:
        yield lambda done: status.update(f"Acme Cargo Bikes at work: {done} jobs done")


def _as_json(args: Namespace, played: Played) -> dict[str, object]:
    from tellmetry import report

    return {
        "seed": args.seed,
        "jobs": played.results.total(),
        "results": dict(sorted(played.results.items())),
        "seconds": round(played.seconds, 3),
        "store": None if args.store is None else str(args.store),
        "sent_to": played.sent_to,
        "sent": played.sent,
        "trouble": None if played.trouble is None else str(played.trouble),
        "said": played.said,
        "account": played.account.as_json(),
        "report": report.build(played.spans()).as_json(),
    }


def _print(args: Namespace, played: Played) -> None:
    from tellmetry import report
    from tellmetry.cli import tables
    from tellmetry.demo import picture, show
    from tellmetry.demo.day.bursts import BURSTS

    scene = show.scene(played, BURSTS[args.burst].says if args.burst else None)
    account = show.account(played.account)
    told = tables.tables(report.build(played.spans()))
    tables.console().print(scene, told, account, sep="")
    if args.pictures is not None:
        picture.save(args.pictures / "demo.svg", "tellmetry demo", scene, account)
        picture.save(args.pictures / "report.svg", "tellmetry report", told)
