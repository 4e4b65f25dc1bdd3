"""OpenAI moderations: nothing is flagged unless a directive in the text says so."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, BadRequestError, read_model, text_of
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import ScriptError, groups, script_of

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


def read(body: dict[str, Any], _request: Request) -> Ask:
    """Read a request body."""
    texts = _texts(body)
    model = read_model(body, "omni-moderation-latest")
    return Ask("moderations", model, body, "\n".join(texts), 0, counts="nothing")


def _texts(body: dict[str, Any]) -> list[str]:
    given = body.get("input")
    if not given:
        raise BadRequestError("input must not be empty")
    if isinstance(given, list) and all(isinstance(text, str) for text in given):
        return given
    return [text_of(given)]


def plain(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Write a verdict for each text; a directive flags the text it stands in, a header or rule flags all."""
    texts = _texts(ask.body)
    own = [script_of(list(groups(text))).flagged for text in texts]
    holds = answer.script.flagged is not None and any(own)
    flagged = own if holds else [answer.script.flagged] * len(texts)
    return {
        "id": f"modr-{answer.id}",
        "model": answer.model,
        "results": [_verdict(category) for category in flagged],
    }


def _verdict(flagged: str | None) -> dict[str, Any]:
    if flagged is not None and flagged not in CATEGORIES:
        raise ScriptError(f"no such category: {flagged}")
    return {
        "flagged": flagged is not None,
        "categories": {name: name == flagged for name in CATEGORIES},
        "category_scores": {name: 0.97 if name == flagged else 0.0001 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }
