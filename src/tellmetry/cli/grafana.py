"""`tellmetry grafana push|diff|prune`: the boards and alerts in any Grafana, as they are shipped."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from tellmetry.grafana import plan, shipped
from tellmetry.grafana.plan import Step
from tellmetry.grafana.server import Refused, Server
from tellmetry.settings import complain

DONE, TROUBLE, DIFFERS = 0, 1, 3
_URL, _TOKEN = "GRAFANA_URL", "GRAFANA_TOKEN"  # names that grafana-client's users know


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("push", "diff", "prune"), help="write, compare, or delete what is old")
    parser.add_argument("--url", help=f"the Grafana (default: {_URL})")
    parser.add_argument("--folder", default="tellmetry", metavar="UID", help="the folder, made where it is missing")
    parser.add_argument("--prometheus", metavar="UID", help="the Prometheus data source, where there are several")
    parser.add_argument("--tempo", metavar="UID", help="the Tempo data source, likewise")
    parser.add_argument("--alerts", action="store_true", help="the alert rules too, where Grafana itself alerts")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    codes = f"Exit codes: {DONE} done, or nothing differs; {TROUBLE} something failed; {DIFFERS} diff found something."
    parser.epilog = f"{_TOKEN} holds a service account's token. The policy tree is never touched. {codes}"


def run(args: Namespace) -> int:
    """Compare, and do what was asked for."""
    try:
        server = _server(args)
        server.check()
        steps = list(_steps(server, args))
        if args.what == "diff":
            return _show(steps)
        if args.what == "push" and not args.dry_run and not server.has_folder(args.folder):
            server.make_folder(args.folder, args.folder)
    except Refused as refused:
        complain(str(refused))
        return TROUBLE
    return _do(steps, dry=args.dry_run)


def _server(args: Namespace) -> Server:
    url, token = args.url or os.environ.get(_URL), os.environ.get(_TOKEN)
    if not url:
        raise Refused(f"say which Grafana: --url, or {_URL} in the environment.")
    if not token:
        raise Refused(f"{_TOKEN} is not set: put a service account's token into it.")
    return Server(url, token)


def _steps(server: Server, args: Namespace) -> Iterator[Step]:
    prometheus = _source(server, "prometheus", args.prometheus)
    boards = shipped.boards(prometheus, _trace_source(server, args.tempo))
    groups = shipped.rule_groups(args.folder, prometheus) if args.alerts or args.what == "prune" else []
    if args.what == "prune":
        yield from plan.leftovers(server, args.folder, boards, groups)
        return
    yield from plan.boards(server, args.folder, boards)
    yield from plan.groups(server, args.folder, groups)


def _source(server: Server, kind: str, asked: str | None) -> str:
    """Give the uid of the data source to use: the one asked for, the only one, or the default one."""
    found = {source["uid"]: source for source in server.sources(kind)}
    if asked is not None and asked not in found:
        raise Refused(f"there is no {kind} data source with the uid {asked}; there is {', '.join(found) or 'none'}.")
    if not found:
        raise Refused(f"this Grafana has no {kind} data source: add one that reads where the Collector's metrics go.")
    default = [uid for uid, source in found.items() if source.get("isDefault")]
    chosen = [asked] if asked else [*found] if len(found) == 1 else default
    if not chosen:
        raise Refused(f"several {kind} data sources are there, {', '.join(found)}: choose with --{kind} UID.")
    return chosen[0]


def _trace_source(server: Server, asked: str | None) -> str | None:
    """Give the Tempo to use, None where there is none: the boards then show no traces."""
    if asked is None and len(server.sources("tempo")) != 1:
        complain("not exactly one Tempo data source is there, so trace panels keep the uid `tempo`: see --tempo.")
        return None
    return _source(server, "tempo", asked)


def _show(steps: list[Step]) -> int:
    for step in steps:
        _say(step)
        sys.stdout.write(step.difference)
    return DIFFERS if any(step.action in ("create", "update") for step in steps) else DONE


def _do(steps: list[Step], *, dry: bool) -> int:
    failed = 0
    for step in steps:
        wrong = "" if dry else plan.done(step)
        if wrong:
            failed += 1
            complain(wrong)
        else:
            _say(step)
    if not steps:
        sys.stdout.write("nothing to delete\n")
    if failed:
        complain(f"{failed} of {len(steps)} failed; the others are done. Run the same again when it is mended.")
    return TROUBLE if failed else DONE


def _say(step: Step) -> None:
    sys.stdout.write(f"{step.action:7s} {step.name}{f' ({step.why})' if step.why else ''}\n")
