"""The faster clock changes durations and only them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.alerts.clock import hurried
from tests.alerts.test_rules import RULES, promtool


def test_every_kind_of_duration_is_divided() -> None:
    rule = "  - expr: rate(a[5m]) * 300 > sum_over_time(b[1d:2m] offset 6d) and c[1h] offset 167h30m\n    for: 1m\n    interval: 60s\n"
    assert hurried(rule, 60) == (
        "  - expr: rate(a[5s]) * 300 > sum_over_time(b[1440s:2s] offset 8640s) and c[60s] offset 10050s\n    for: 1s\n    interval: 1s\n"
    )
    assert hurried("    for: 0m\n", 60) == "    for: 0s\n"


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_hurried_rules_are_rules_and_nothing_else_moved(file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    fast = hurried(text, 60)
    (tmp_path / file.name).write_text(fast)
    promtool("check", "rules", str(tmp_path / file.name))
    blank = re.compile(r"(?<=[\[:\s])(\d+[smhdw])+(?=[\]:\s)]|$)", re.M)
    assert blank.sub("", text) == blank.sub("", fast)
    assert not re.search(r"\[\d+[mhdw]", fast)
