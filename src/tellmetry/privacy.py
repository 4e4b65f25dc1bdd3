"""Masking: applied once, in the process, to every text the app hands us, before it is queued or written."""

from __future__ import annotations

import re

MASK = "[masked]"
MOST_CHARS = 256

_SECRETS = re.compile(
    # Keys by their prefix; words that begin alike, as in skill-based-routing, have neither a digit nor a long run.
    r"\b(?:sk|pk|rk|xai|gsk|hf|gh[opsu]|github_pat|glpat|xox[abps])[-_](?=[A-Za-z_\-]*(?:\d|[A-Za-z]{20}))[A-Za-z0-9_\-]{12,}"
    r"|\b(?:AIza|AKIA|ASIA)[A-Za-z0-9_\-]{12,}"
    r"|\b[Bb]earer\s+[A-Za-z0-9._~+/\-]{8,}=*"
    r"|\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]+)?"  # JSON web tokens
    r"|(?i:\b(?:password|passwd|secret|api[_-]?key|token|authorization)\b\s*[=:]\s*)\S+"
    r"|[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}"  # mail addresses
    r"|\b(?:\d[ -]?){13,19}\b"  # card numbers
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
)


def mask(text: str) -> str:
    """Replace whatever looks like a secret or a person's address in a text."""
    return _SECRETS.sub(MASK, text)


def clean(text: object, most: int = MOST_CHARS) -> str | None:
    """Make a name or reason that the app gave fit to leave: masked, one line, bounded; None stays None."""
    if text is None:
        return None
    one_line = " ".join(str(text).split())
    return mask(one_line)[:most]
