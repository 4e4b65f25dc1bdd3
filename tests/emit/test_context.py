"""The context in use is OpenTelemetry's own, whichever it was told to use."""

from __future__ import annotations

import importlib

import pytest
from opentelemetry import context as otel
from opentelemetry.context.contextvars_context import ContextVarsRuntimeContext

from tellmetry.emit import context as ours


class Counting(ContextVarsRuntimeContext):
    """One that `OTEL_PYTHON_CONTEXT` could name."""

    asked = 0

    def get_current(self) -> otel.Context:
        self.asked += 1
        return super().get_current()


def test_is_opentelemetrys() -> None:
    token = otel.attach(otel.Context({"a": 1}))
    assert ours.get_current() is otel.get_current()
    otel.detach(token)
    before = ours.get_current()
    ours.attach(otel.Context({"b": 2}))
    assert otel.get_current() == {"b": 2}
    ours.attach(before)
    assert otel.get_current() is before


def test_another_one_is_asked_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Counting()
    with monkeypatch.context() as patched:
        patched.setattr(otel, "_RUNTIME_CONTEXT", other)
        importlib.reload(ours)
        try:
            ours.attach(otel.Context({"c": 3}))
            assert ours.get_current() == otel.get_current() == {"c": 3}
            assert other.asked == 2
        finally:
            patched.undo()
            importlib.reload(ours)
