"""LLM Guard: the two functions that run an app's scanners; a scanner that the app calls by itself is not told."""

from __future__ import annotations

from typing import Any

from tellmetry.clients.client import Client
from tellmetry.clients.methods import arguments, method
from tellmetry.engine.call import Call
from tellmetry.record import Guardrail
from tellmetry.wire import llm_guard


def _follow(call: Call, result: Any) -> Any:
    call.read((call.body.get("output", call.body.get("prompt")), result))
    call.end()
    return result


CLIENT = Client(
    name="llm_guard",
    package="llm-guard",
    tested=("0.3.16",),  # by a stub of its interface: it brings torch along
    places=tuple(
        method(
            "llm_guard", f"{module}:{name}", llm_guard,
            body=arguments("scanners", *texts), record=Guardrail, follow=_follow,
        )
        for module in ("llm_guard.evaluate", "llm_guard")  # bound in both, and an app may hold either
        for name, texts in (("scan_prompt", ("prompt",)), ("scan_output", ("prompt", "output")))
    ),
    tells="guardrail checks",
    proof="a stub of its documented interface",
)  # fmt: skip
