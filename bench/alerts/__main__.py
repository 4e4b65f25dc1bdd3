"""Judge the alerts: `python -m bench.alerts [--seeds 31 32 …]`; needs the environment `simulate`."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import yaml

from bench.alerts import naive, plumbing, score, traffic
from bench.alerts.calendar import calendar
from bench.alerts.incidents import Incident, schedule
from bench.alerts.lifecycle import Episode, episodes, inhibitions, told
from bench.alerts.page import HOME, PAGE, RESULT, digest, page
from bench.alerts.series import Series
from bench.alerts.walk import CONFIG, FLAGS, MINUTE_S, Walk, Watched, records, watched
from bench.alerts.world import DAYS, WORKFLOWS
from tellmetry.operate.contracts import Contract
from tellmetry.operate.rules import rendered
from tests.stack.servers import prometheus

RULES = HOME / "dashboards" / "rules"
TUNED_ON = (11, 12, 21, 22, 23)  # the last three were reported until what they showed was mended
SEEDS = (31, 32, 33)
MONDAY_S = 1_767_571_200  # 5 January 2026


def main() -> int:
    """Run the months, write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="months to judge; others are not committed")
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--jobs", type=int, default=2, help="months at a time")
    parser.add_argument("--page", action="store_true", help="only render docs/alerts.md anew")
    args = parser.parse_args()
    if not args.page:
        judged(args.seeds, args.days, args.jobs)
    PAGE.write_text(page(json.loads(RESULT.read_text())))
    return 0


def judged(seeds: list[int], days: int, jobs: int) -> None:
    """Judge months; keep the result if they are those that the page is about."""
    with ProcessPoolExecutor(jobs) as pool:
        months = list(pool.map(verdicts, seeds, [days] * len(seeds)))
    ours, theirs = [one for one, _ in months], [other for _, other in months]
    if (tuple(seeds), days) == (SEEDS, DAYS):
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(result(ours, theirs), indent=1) + "\n")


def verdicts(seed: int, days: int) -> tuple[score.Judged, score.Judged]:
    """Judge the shipped and the naive alerts on one month."""
    began = time.monotonic()
    incidents, shipped, plain = month(seed, days)
    ours = score.judge(incidents, shipped)
    tell(seed, ours, time.monotonic() - began)
    return ours, score.judge(incidents, plain)


def result(ours: list[score.Judged], theirs: list[score.Judged]) -> dict[str, Any]:
    """Give what is committed."""
    return {
        "rules": digest(), "tuned_on": TUNED_ON, "seeds": SEEDS, "shipped": score.summary(ours), "naive": score.summary(theirs),
    }  # fmt: skip


def month(seed: int, days: int = DAYS) -> tuple[list[Incident], list[Episode], list[Episode]]:
    """Simulate one month; give its incidents, and what the shipped and the naive alerts told."""
    plan = calendar(seed)
    incidents = [one for one in schedule(seed, plan.first_weekday, plan.holidays) if one.end_s < days * 86_400]
    groups = [group for file in ("llm.yaml", "llm_days.yaml") for group in yaml.safe_load((RULES / file).read_text())["groups"]]
    promised = yaml.safe_load(rendered(contracts(), "the simulated company"))["groups"]
    shipped, plain = watched(groups), naive.watched()
    first_s = MONDAY_S + plan.first_weekday * 86_400
    with prometheus(CONFIG, flags=FLAGS) as server:
        Walk(server.url, first_s, records(promised + groups), shipped + plain).go(all_series(seed, incidents), days)
    silencing = inhibitions(yaml.safe_load((RULES / "alertmanager" / "inhibit_rules.yaml").read_text())["inhibit_rules"])
    return incidents, told(_fired(shipped), silencing, MINUTE_S), told(_fired(plain), (), MINUTE_S)


def _fired(alerts: list[Watched]) -> list[Episode]:
    return [one for alert in alerts for one in episodes(alert.name, alert.holds, alert.for_s, alert.keep_s, MINUTE_S)]


def contracts() -> list[Contract]:
    """Give what the simulated teams promise."""
    return [
        Contract(
            workflow=one.name, owner=one.owner, metric=one.metric, target=one.target, max_seconds=one.max_seconds,
            daily_budget_usd=one.daily_budget_usd,
        )
        for one in WORKFLOWS
    ]  # fmt: skip


def all_series(seed: int, incidents: list[Incident]) -> list[Series]:
    """Give every series of the month."""
    plan = calendar(seed)
    away = plumbing.cuts(incidents, seed)

    def of(name: str) -> list[Incident]:
        return [one for one in incidents if name in one.struck]

    return list(
        itertools.chain(
            *(traffic.of_workflow(workflow, plan, of(workflow.name), away) for workflow in WORKFLOWS),
            traffic.trial(of("trial_agent"), seed, away),
            plumbing.of_pipeline(of(""), seed, away),
        )
    )


def tell(seed: int, month: score.Judged, took_s: float) -> None:
    """Print one month, misses and false alarms by name."""
    found = [one for one in month.found.values() if one]
    lines = [f"seed {seed}: {len(found)} of {len(month.found)} found, {len(month.true)} alerts true, {len(month.false)} false ({took_s:.0f} s)"]
    for incident, told in month.found.items():
        when = f"day {incident.start_s / 86_400:5.2f} {incident.kind.name} of {incident.workflow or 'the pipeline'}"
        lines.append(f"  {'%5.1f min ' % told[1] + told[0] if told else '   MISSED'}  {when}")
    for one in month.false:
        lines.append(f"    FALSE  day {one.start_s / 86_400:5.2f} {one.alert} of {one.label(score.WORKFLOW)} for {(one.end_s - one.start_s) / 60:.0f} min")
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
