"""Canary strings in everything private that an app hands to a client or gets from it, and where to look for them."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import App
from faults import armed, settings
from listening import DEAF
from subject import Subject
from tracing import AppSpans, app_provider

from tellmetry import emit

MARK = "canary7f3a"
KEY = f"sk-{MARK}-key"
HEADERS = {"x-app": f"{MARK} header"}
ASKS = (
    f"[[say='{MARK} answer']]",
    f"[[thinking='{MARK} thought']]",
    f"[[refuse say='{MARK} refusal']]",
    f"""[[tool=lookup args='{{"sku": "{MARK} argument"}}']]""",
    f"[[status=400 message='{MARK} error']]",
    f"[[error_event message='{MARK} event']]",
    "[[cut_after=2]]",
    "[[malformed]]",
)


def canary(what: str) -> str:
    """Give the canary for one kind of private text."""
    return f"{MARK} {what}"


def tools() -> list[dict[str, Any]]:
    """Give a tool in OpenAI's format, with a canary in its description."""
    parameters = {"type": "object", "properties": {"sku": {"type": "string"}}}
    function = {"name": "lookup", "description": canary("tool description"), "parameters": parameters}
    return [{"type": "function", "function": function}]


def conversation(ask: str) -> list[dict[str, Any]]:
    """Give messages in OpenAI's format, with canaries in everything that was said, called and found before the ask."""
    function = {"name": "lookup", "arguments": json.dumps({"sku": canary("arguments")})}
    return [
        {"role": "system", "content": canary("system")},
        {"role": "user", "content": canary("first")},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "call_0001", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "call_0001", "content": canary("result")},
        {"role": "user", "content": ask},
    ]


def sing(app: App, subject: Subject) -> None:
    """Run every mode with canaries everywhere."""
    for number, ask in enumerate(ASKS):
        for place, mode in enumerate([*subject.modes.values(), *subject.private]):
            waits = subject.sides[(number + place) % len(subject.sides)]
            app.run(mode, subject.client(app.provider, waits), f"{ask} {canary('prompt')}", waits)
            assert MARK.encode() in app.provider.requests[0].body


@contextlib.contextmanager
def hearing(clients: tuple[str, ...]) -> Iterator[list[str]]:
    """Collect the text of every log record but the clients' own, who may log what they like."""
    told: list[str] = []
    formatter, ear, root = logging.Formatter(), logging.Handler(), logging.getLogger()
    ear.emit = lambda record: None if record.name.startswith(clients) else told.append(formatter.format(record))  # type: ignore[method-assign]
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        root.removeHandler(ear)
        root.setLevel(logging.WARNING)


def silence(
    sing: Callable[[], object], store: Path, clients: tuple[str, ...], capfd: pytest.CaptureFixture[str], only: str = ""
) -> tuple[str, AppSpans]:
    """Hold that nothing private leaves while the app sings, with our way out and with a provider of the app's own.

    Looked at: the store, the spans with their events, every log but the clients' own, and what was printed, there only
    lines with the word `only`. Give the store's text and the spans, so that a test can tell that something was told.
    """
    with armed(settings(store)), hearing((*DEAF, *clients)) as logs:
        sing()
        assert emit.flush(5)
        with app_provider() as spans:
            sing()
    told = "".join(path.read_text() for path in store.rglob("*") if path.is_file())
    printed = [line for text in capfd.readouterr() for line in text.splitlines() if only in line]
    leaked = [line for line in (*told.splitlines(), *(span.to_json() for span in spans.ours), *printed, *logs) if MARK in line]
    assert not leaked, "\n".join(line[:400] for line in leaked[:20])
    return told, spans
