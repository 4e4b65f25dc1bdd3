"""OpenAI's agents: the SDK's own spans say when an agent or a tool begins and ends; guardrails are heard as methods.

The spans are heard themselves and not through a processor, which the app may replace. So nothing of the app's tracing
is changed or started, nothing is exported because of us, and what runs is told where the app has switched tracing off.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from tellmetry.clients.client import Client, Place
from tellmetry.engine.call import Call, open_of
from tellmetry.engine.steps import SILENT
from tellmetry.engine.traced import heard, inside, traced
from tellmetry.guard import guarded
from tellmetry.record import Agent, Guardrail, ToolCall
from tellmetry.wire import tools, tripwires

_open: WeakKeyDictionary[Any, tuple[Call, int]] = WeakKeyDictionary()  # by span, with the error that was handled then
_handed_over: WeakKeyDictionary[Any, Call] = WeakKeyDictionary()  # by trace


def _started(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    _begin(instance, id(sys.exc_info()[1]))
    return wrapped(*args, **kwargs)


@guarded("opening a call")
def _begin(span: Any, handled: int) -> None:
    opening = _OPENINGS.get(type(span.span_data).__name__)
    if opening is not None and span not in _open:
        _open[span] = opening(span.span_data), handled
        _open[span][0].current.enter()


def _agent(told: Any) -> Call:
    """Open an agent; one that was handed over to runs inside the one that did: nothing else holds them together."""
    record, trace = Agent(), _trace()
    record.client, record.agent = "openai_agents", told.name
    with inside(None if trace is None else _handed_over.pop(trace, None)):
        return Call(record, SILENT, None)


def _tool(told: Any) -> Call:
    record = ToolCall()
    record.client = "openai_agents"
    return Call(record, tools, {"name": told.name})


_OPENINGS = {"AgentSpanData": _agent, "FunctionSpanData": _tool}


def _trace() -> Any:
    return sys.modules["agents.tracing.scope"].Scope.get_current_trace()


def _finished(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    call, handled = _open.pop(instance, (None, 0))
    if call is not None:
        call.current.leave()  # whatever fails behind this, nothing stays current
        _end(call, handled, sys.exc_info()[1])
    elif type(instance.span_data).__name__ == "HandoffSpanData":
        _note_handover(instance.span_data.to_agent)
    return wrapped(*args, **kwargs)


@guarded("ending a call")
def _end(call: Call, handled: int, error: BaseException | None) -> None:
    if isinstance(call.record, Agent) and call.record.handed_to is not None and (trace := _trace()) is not None:
        _handed_over[trace] = call
    call.end() if error is None or id(error) == handled or isinstance(error, GeneratorExit) else call.fail(error)


@guarded("noting a hand-over")
def _note_handover(name: str | None) -> None:
    if (agent := open_of(Agent)) is not None:
        agent.handed_to = name


def _failed(span: Any, args: Any, kwargs: Any, result: Any) -> None:
    if span in _open and isinstance(_open[span][0].record, ToolCall):
        _open[span][0].record.error_type = tools.FAILED


def _checked(target: str, instance: Any, args: Any, kwargs: Any) -> Call:
    check = Guardrail()
    check.client, check.guardrail, check.target = "openai_agents", instance.get_name(), target
    return Call(check, tripwires, None, tripwires.failed)


_GUARDRAILS = (
    ("guardrail", "InputGuardrail", "input"), ("guardrail", "OutputGuardrail", "output"),
    ("tool_guardrails", "ToolInputGuardrail", "tool"), ("tool_guardrails", "ToolOutputGuardrail", "tool"),
)  # fmt: skip

CLIENT = Client(
    name="openai_agents",
    package="openai-agents",
    tested=("0.19.4", "0.24.0"),
    tells="agents, tools, guardrail checks",
    places=(
        *(
            Place("agents.tracing.spans", f"{kind}.{name}", wrapper, "agents and tools")
            for kind in ("SpanImpl", "NoOpSpan")
            for name, wrapper in (("start", _started), ("finish", _finished), ("set_error", heard(_failed)))
        ),
        *(
            Place(f"agents.{module}", f"{kind}.run", traced(partial(_checked, target)), "guardrails")
            for module, kind, target in _GUARDRAILS
        ),
    ),
)
