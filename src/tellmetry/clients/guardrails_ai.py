"""Guardrails AI. Its own spans, which hold the prompts, are silent while a check of ours is open."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from tellmetry.clients.checking import check, given
from tellmetry.clients.client import Client, Place
from tellmetry.engine import native
from tellmetry.engine.call import open_of
from tellmetry.engine.current import carried
from tellmetry.guard import guarded
from tellmetry.record import Guardrail
from tellmetry.wire import guardrails_ai

_TELEMETRY = "guardrails.telemetry"
_SILENCED = "native spans silenced"
_carry = guarded("carrying a check")(carried)


def _body(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"name": instance.name}


def _failed(told: Guardrail, args: Any, kwargs: Mapping[str, Any]) -> None:
    guardrails_ai.failed(told, kwargs.get("validator") or args[2])


def _enter_empty_context(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Carry the check into the empty context in which a guard runs."""
    context, function = args
    return wrapped(context, _carry(function) or function)


class _Carried:
    """A validator whose work is handed to a thread."""

    def __init__(self, validator: Any) -> None:
        self._validator = validator

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._validator, name)
        return (_carry(found) or found) if name.startswith("validate") else found


def _enter_thread(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Carry the check into the thread in which a validator runs, so that the model it asks is asked by the check."""
    return (_with_carried(wrapped, instance) or wrapped)(*args, **kwargs)


@guarded("carrying a check")
def _with_carried(wrapped: Any, instance: Any) -> Callable[..., Any] | None:
    return None if open_of(Guardrail) is None else functools.partial(wrapped.__func__, _Carried(instance))


CLIENT = Client(
    name="guardrails_ai",
    package="guardrails-ai",
    tested=("0.11.0",),
    tells="guardrail checks",
    proof="itself",
    places=(
        *(
            check("guardrails_ai", f"guardrails.{module}.{name}", guardrails_ai, _body)
            for module in ("guard:Guard", "async_guard:AsyncGuard")
            for name in ("__call__", "parse", "validate")
        ),
        given(
            "guardrails.validator_service.validator_service_base:ValidatorServiceBase.perform_correction", _failed
        ),
        Place("guardrails.guard", "wrap_with_otel_context", _enter_empty_context, "context"),
        Place("guardrails.validator_base", "Validator.async_validate", _enter_thread, "context"),
        Place("guardrails.validator_base", "Validator.async_validate_stream", _enter_thread, "context"),
        Place("guardrails.settings", "Settings.disable_tracing", native.switch("disable_tracing"), _SILENCED),
        Place(f"{_TELEMETRY}.open_inference", "get_span", native.unwritten, _SILENCED),
        Place(f"{_TELEMETRY}.legacy_validator_tracing", "get_span", native.unwritten, _SILENCED),
    ),
)  # fmt: skip
