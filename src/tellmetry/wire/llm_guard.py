"""LLM Guard's results: the text as it may go on, and for each scanner whether it let it through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import Guardrail
from tellmetry.wire.shape import fields

OPERATION = names.OP_GUARDRAIL
# Scanners that give the text without what they found: that they found something stops nothing.
_REWRITING = frozenset(
    ("Anonymize", "BanCompetitors", "BanSubstrings", "InvisibleText", "Regex", "Secrets", "Sensitive", "TokenLimit")
)


def request(check: Guardrail, body: Mapping[str, Any]) -> None:
    """Read what is scanned: an answer stands beside its prompt."""
    check.guardrail = "llm-guard"
    check.target = "output" if "output" in body else "input"


def reply(check: Guardrail, reply: Any) -> None:
    """Read the text before, and beside it the scanners' result: the text after, who let it through, the scores."""
    before, (after, valid, _scores) = reply
    failed = [name for name, passed in fields(valid).items() if not passed]
    stopped = [name for name in failed if after == before or name not in _REWRITING]
    if stopped:
        check.found("block", _class(stopped[0]))
    elif after != before:
        check.found("modify", _class(failed[0]) if failed else "sanitized")
    else:
        check.found("pass")


def _class(scanner: str) -> str:
    """Give a scanner's name as the class of its reason: `PromptInjection` looks for a `prompt_injection`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", scanner).lower()


chunk = reply
