"""What the README shows to write does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from recording import Recording

from tellmetry.operate import contracts

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def shown(language: str) -> str:
    """Give the one example in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


def test_the_code(recorded: Recording) -> None:
    asked = SimpleNamespace(create=lambda *_: "an answer")
    app: dict[str, Any] = {
        "client": SimpleNamespace(chat=SimpleNamespace(completions=asked)),
        "search": lambda _: [SimpleNamespace(id="a", score=0.5), SimpleNamespace(id="b", score=0.9)],
        "has_pii": lambda _: True,
    }
    exec(shown("python"), app)
    app["triage"]("a lead")
    (found,), (check,), (run,) = recorded.retrievals, recorded.guardrails, recorded.runs
    assert (found.source, found.top_k, found.count, found.top_score, found.sources) == ("crm", 5, 2, 0.9, ("a", "b"))
    assert (check.guardrail, check.target, check.outcome, check.reason) == ("pii", "output", "block", "pii")
    assert (run.workflow, run.owner, run.result, run.confidence) == ("lead_triage", "ops", "manual_review", 0.41)


def test_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "tellmetry.toml"
    path.write_text(shown("toml"))
    read = contracts.read(path)
    assert (read.mistakes, list(read.by_workflow)) == ((), ["lead_triage"])
