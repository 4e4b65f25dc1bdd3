"""Bedrock's guardrail assessments: which policies found something, as reason classes; never what they matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tellmetry import names
from tellmetry.wire.shape import fields, items, text

_POLICIES = (  # policy, its list of findings, what names the class (a constant where names are the app's own)
    ("topicPolicy", "topics", None, "topic"),
    ("contentPolicy", "filters", "type", "content"),
    ("sensitiveInformationPolicy", "piiEntities", "type", "pii"),
    ("sensitiveInformationPolicy", "regexes", None, "regex"),
    ("wordPolicy", "customWords", None, "word"),
    ("wordPolicy", "managedWordLists", "type", "word"),
    ("contextualGroundingPolicy", "filters", "type", "grounding"),
    ("automatedReasoningPolicy", "findings", None, "reasoning"),
)


class Finding(NamedTuple):
    """One thing that a policy found: its class, and what was done: BLOCKED, ANONYMIZED, NONE."""

    reason: str
    action: str


def reasons(assessment: Any) -> list[Finding]:
    """List what one assessment found, the first policy first."""
    told = fields(assessment)
    found = []
    for policy, listed, key, plain in _POLICIES:
        for one in items(fields(told.get(policy)).get(listed)):
            finding = _finding(fields(one), key, plain)
            if finding is not None:
                found.append(finding)
    return found


def intervened(found: list[Finding]) -> names.Outcome:
    """Tell what an intervention came to: masking alone lets the rest through."""
    acted = {one.action for one in found} - {"NONE"}
    return "modify" if acted == {"ANONYMIZED"} else "block"


def _finding(told: Mapping[str, Any], key: str | None, plain: str) -> Finding | None:
    action = text(told.get("action")) or "NONE"
    if action == "NONE" and not told.get("detected"):
        return None
    named = text(told.get(key)) if key else None
    return Finding(named.lower() if named else plain, action)
