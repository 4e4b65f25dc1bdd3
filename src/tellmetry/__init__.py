"""Observability for LLM applications: set `TELLMETRY=on`, and unchanged code says what it cost and why.

Everything here is optional: it names what the environment variable alone cannot know. Nothing is imported before it is
used, so an idle process pays for none of it.
"""

from __future__ import annotations

from tellmetry.forking import importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tellmetry.operate.decisions import evaluation, fallback, review
    from tellmetry.operate.guardrail import guardrail
    from tellmetry.operate.prompt import prompt
    from tellmetry.operate.retrieval import retrieval, tool
    from tellmetry.operate.switch import enable, flush
    from tellmetry.operate.workflow import model_profile, outcome, workflow
    from tellmetry.version import VERSION as __version__

_WHERE = {
    "__version__": "version",
    "enable": "operate.switch",
    "evaluation": "operate.decisions",
    "fallback": "operate.decisions",
    "flush": "operate.switch",
    "guardrail": "operate.guardrail",
    "model_profile": "operate.workflow",
    "outcome": "operate.workflow",
    "prompt": "operate.prompt",
    "retrieval": "operate.retrieval",
    "review": "operate.decisions",
    "tool": "operate.retrieval",
    "workflow": "operate.workflow",
}

__all__ = [
    "__version__", "enable", "evaluation", "fallback", "flush", "guardrail", "model_profile", "outcome", "prompt",
    "retrieval", "review", "tool", "workflow",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module 'tellmetry' has no attribute {name!r}")
    with importing:
        from importlib import import_module

        module = import_module(f"tellmetry.{_WHERE[name]}")
    found = globals()[name] = getattr(module, name if name != "__version__" else "VERSION")  # not asked for here again
    return found
