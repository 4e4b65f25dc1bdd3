"""NeMo Guardrails: its log of what ran (which rails, what they changed, where it stopped), and streamed refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from tellmetry import names
from tellmetry.record import Guardrail
from tellmetry.wire.shape import fields, items, text

OPERATION = names.OP_GUARDRAIL
_STARTS = {  # event → what the rail looks at
    "StartInputRail": "input",
    "StartOutputRail": "output",
    "StartToolInputRail": "tool",
    "StartToolOutputRail": "tool",
}
_ENDS = frozenset(start.removeprefix("Start") + "Finished" for start in _STARTS)
_MESSAGES = ("user_message", "bot_message")
_ERROR = '{"error":'


class _Rail(NamedTuple):
    name: str
    target: str


def request(check: Guardrail, body: Mapping[str, Any]) -> None:
    """Name it; an app's own stream has passed unless a rail stops it, and no log tells of its rails."""
    check.guardrail = "nemoguardrails"
    if body.get("generator") is not None:
        check.found("pass")


def ran(check: Guardrail, log: Any) -> None:
    """Read the log of one processing: a rail that has not finished has stopped what it looked at."""
    check.found("pass")
    rail: _Rail | None = None
    broke = False
    known: dict[str, Any] = {}
    for entry in items(log):
        event = fields(fields(entry).get("data")) if fields(entry).get("type") == "event" else {}
        kind = text(event.get("type")) or ""
        if kind in _STARTS:
            rail = _Rail(text(event.get("flow_id")) or "rail", _STARTS[kind])
        elif kind in _ENDS:
            rail = None
        elif kind == "ContextUpdate":
            _compare(check, rail, known, fields(event.get("data")))
        elif kind == "InternalSystemActionFinished" and rail is not None:
            broke = broke or event.get("status") == "failed"
    if rail is not None:
        check.found("error" if broke else "block", *rail)


def _compare(check: Guardrail, rail: _Rail | None, known: dict[str, Any], update: Mapping[str, Any]) -> None:
    for name in _MESSAGES:
        if name in update:
            if rail is not None and known.get(name, update[name]) != update[name]:
                check.found("modify", *rail)
            known[name] = update[name]


def reply(check: Guardrail, reply: Any) -> None:
    """Read nothing: an answer says nothing about rails unless the app asks it to."""


def chunk(check: Guardrail, chunk: Any) -> None:
    """Read one streamed chunk: a rail that stops the stream says so in a last one."""
    if not isinstance(chunk, str) or not chunk.startswith(_ERROR):
        return
    told = fields(fields(_json(chunk)).get("error"))
    if told.get("type") == "guardrails_violation":
        check.found("block", text(told.get("param")), "output")
    elif told.get("code") == "rail_execution_failure":
        check.found("error", text(told.get("param")), "output")


def _json(chunk: str) -> Any:
    try:
        return json.loads(chunk)
    except ValueError:
        return None
