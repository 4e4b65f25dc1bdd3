"""Every alert fires when it should, stays silent when it should and resolves, in Prometheus' own promtool."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from bench.alerts.lifecycle import seconds
from dashboards.source.alerts import ALERTS, GROUPS
from tellmetry.operate import contracts
from tellmetry.operate.rules import rendered
from tests.stack.build import binary

HERE = Path(__file__).resolve().parent
RULES = sorted((HERE.parents[1] / "dashboards" / "rules").glob("*.yaml"))
CONTRACTS = HERE.parents[1] / "src" / "tellmetry" / "demo" / "acme" / "tellmetry.toml"
FILES = sorted(HERE.glob("*.yaml"))


def promtool(*arguments: str) -> str:
    """Run the promtool of the Prometheus that the stack pins; its complaint is the test's message."""
    done = subprocess.run([binary("promtool"), *arguments], capture_output=True, text=True, cwd=HERE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_unit_tests_of_the_rules_pass(file: Path) -> None:
    assert "SUCCESS" in promtool("test", "rules", str(file))


def test_the_rule_files_are_valid_and_lint_clean() -> None:
    said = promtool("check", "rules", "--lint=all", "--lint-fatal", *map(str, RULES))
    assert said.count("SUCCESS") == len(RULES) >= 2


def test_what_contracts_render_is_valid_and_lint_clean(tmp_path: Path) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(rendered(contracts.read(CONTRACTS).by_workflow.values(), CONTRACTS.name))
    assert "14 rules found" in promtool("check", "rules", "--lint=all", "--lint-fatal", str(file))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_records_come_before_the_alerts_that_read_them(file: Path) -> None:
    """promtool evaluates groups in any order unless told, and a value would lag by a minute now and then."""
    assert yaml.safe_load(file.read_text())["group_eval_order"] == ["llm.minutes", "llm.days", *GROUPS]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_every_alert_is_seen_silent_firing_and_resolved(alert) -> None:
    """One timeline has all three; where it fires, labels and texts are whole and nothing beside it may fire."""
    for file in FILES:
        for case in yaml.safe_load(file.read_text())["tests"]:
            checks = [check for check in case.get("alert_rule_test", ()) if check["alertname"] == alert.name]
            fires = [seconds(check["eval_time"]) for check in checks if check["exp_alerts"]]
            silent = [seconds(check["eval_time"]) for check in checks if not check["exp_alerts"]]
            if fires and silent and min(silent) < min(fires) and max(silent) > max(fires):
                return
    pytest.fail(f"no timeline shows {alert.name} silent, then firing, then resolved")
