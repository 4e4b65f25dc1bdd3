"""NeMo Guardrails. What its rails did is read where its runtime logs it, so that nothing is asked of it that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.clients.checking import check, finding
from tellmetry.clients.client import Client
from tellmetry.record import Guardrail
from tellmetry.wire import nemoguardrails


def _ran(told: Guardrail, args: Any, kwargs: Mapping[str, Any], result: Any) -> None:
    nemoguardrails.ran(told, kwargs.get("processing_log"))


CLIENT = Client(
    name="nemoguardrails",
    package="nemoguardrails",
    tested=("0.19.0", "0.24.1"),
    tells="guardrail checks",
    proof="itself, without a model",
    places=(
        *(
            check("nemoguardrails", f"nemoguardrails.rails.llm.llmrails:LLMRails.{name}", nemoguardrails)
            for name in ("generate", "generate_async", "check", "check_async", "stream_async")
        ),
        finding("nemoguardrails.colang.v1_0.runtime.runtime:RuntimeV1_0.generate_events", _ran),
    ),
)
