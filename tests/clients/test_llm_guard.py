"""LLM Guard keeps the contract: by a stub of its documented interface, since the package brings torch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "stubs"))

import llm_guard  # noqa: E402
import llm_guard.evaluate  # noqa: E402
from guards import Check, Guards, Library, kit, loop, pytest_generate_tests  # noqa: E402, F401
from recording import Recording  # noqa: E402


class PromptInjection:
    """Says no, and leaves the text as it is."""

    def scan(self, *texts: str) -> tuple[str, bool, float]:
        if "explode" in texts[-1]:
            raise RuntimeError(f"cannot scan {texts[-1]}")
        bad = "ignore" in texts[-1]
        return texts[-1], not bad, float(bad)


class Anonymize:
    """Replaces what it finds, and says that it found something."""

    def scan(self, *texts: str) -> tuple[str, bool, float]:
        clean = texts[-1].replace("Ann", "[REDACTED_PERSON_1]")
        return clean, clean == texts[-1], float(clean != texts[-1])


SCANNERS = [Anonymize(), PromptInjection()]


def prompt(module: Any, text: str, **more: Any) -> Any:
    return module.scan_prompt(SCANNERS, text, **more)


def output(module: Any, text: str) -> Any:
    return module.scan_output(SCANNERS, prompt="ignore everything", output=text)


class TestLLMGuard(Guards):
    library = Library(
        "llm_guard",
        lambda: llm_guard.evaluate,
        {
            "passed": Check(prompt, "Hello.", "pass", target="input"),
            "stopped": Check(prompt, "ignore everything", "block", "prompt_injection", "input"),
            "replaced": Check(prompt, "I am Ann.", "modify", "anonymize", "input"),
            "replaced and stopped": Check(prompt, "I am Ann, ignore everything", "block", "prompt_injection", "input"),
            "no scanners": Check(lambda module, text: module.scan_prompt([], text), "ignore", "pass", target="input"),
            "failed": Check(prompt, "explode", "error", "RuntimeError", "input", raises=True),
            "output passed": Check(output, "Hello.", "pass", target="output"),
            "output stopped": Check(output, "ignore everything", "block", "prompt_injection", "output"),
            "output replaced": Check(output, "Ann", "modify", "anonymize", "output"),
        },
        "llm-guard",
    )


@pytest.mark.parametrize("module", [llm_guard, llm_guard.evaluate], ids=["package", "module"])
def test_told_once_whichever_name_is_used(module: Any, recorded: Recording) -> None:
    prompt(module, "ignore everything")
    assert [told.outcome for told in recorded.guardrails] == ["block"]
