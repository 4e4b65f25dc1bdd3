"""OpenTelemetry's current context: every call asks for it and sets it, so its variable is used without two detours."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

from opentelemetry import context as otel

_runtime = otel._RUNTIME_CONTEXT
_variable: Any = getattr(_runtime, "_current_context", None)
_usual = type(_runtime).__module__ == "opentelemetry.context.contextvars_context" and isinstance(_variable, ContextVar)

get_current: Callable[[], otel.Context] = _variable.get if _usual else _runtime.get_current
attach: Callable[[otel.Context], Token[otel.Context]] = _variable.set if _usual else _runtime.attach
