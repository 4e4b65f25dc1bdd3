"""Haystack, whose tracer tells of pipelines, agents and components, whether or not the app has one of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.engine.call import is_part_of_open
from tellmetry.engine.runs import Runs
from tellmetry.engine.steps import SILENT, Template, new_run
from tellmetry.guard import guarded
from tellmetry.record import Agent, Record, Retrieval, ToolCall
from tellmetry.wire import documents, tools

RUNS = Runs()
_PIPELINES = ("haystack.pipeline.run", "haystack.async_pipeline.run")  # the latter in Haystack 2
_OUTPUT = "haystack.component.output"


def _trace(wrapped: Callable[..., AbstractContextManager[Any]], instance: Any, args: Any, kwargs: Any) -> Any:
    return _told(wrapped(*args, **kwargs), args, kwargs)


@contextlib.contextmanager
def _told(theirs: AbstractContextManager[Any], args: Any, kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """Be around a block that Haystack traces, inside the span of the app's own tracer."""
    with theirs as span:
        _begin(span, *args, **kwargs)
        try:
            yield span
        except BaseException as error:
            _end(span, error)
            raise
        _end(span, None)


@guarded("hearing a span")
def _begin(span: Any, operation_name: str, tags: Mapping[str, Any] | None = None, parent_span: Any = None) -> None:
    key, parent, told = id(span), id(parent_span), tags or {}
    kind = str(told.get("haystack.component.type"))
    record = _record(operation_name, kind, told)
    if record is None:
        RUNS.skip(key, parent)
    else:
        RUNS.open(key, record, parent, wire=documents if isinstance(record, Retrieval) else SILENT, body={})
    if operation_name not in _PIPELINES:  # which may be a generator's, and then yields to the app
        RUNS.stay(key, RUNS.prompt(parent))
    if "PromptBuilder" in kind:
        RUNS.remember(parent, Template(str(told.get("haystack.component.name")), None))
    if isinstance(record, Retrieval):
        _listen(span)


def _record(operation: str, kind: str, told: Mapping[str, Any]) -> Record | None:
    if operation in _PIPELINES:
        return new_run((told.get("haystack.pipeline.metadata") or {}).get("name"))
    if operation == "haystack.agent.run":
        agent = Agent()
        agent.client = "haystack"
        return agent
    if "Retriever" in kind and not is_part_of_open(documents.OPERATION):
        retrieval = Retrieval()
        retrieval.client = "haystack"
        return retrieval
    return None


def _listen(span: Any) -> None:
    """Hear what a component gave, which Haystack offers to every span, and a span keeps where its tracer may."""
    original = span.set_content_tag

    def set_content_tag(key: str, value: Any) -> None:
        _hear(id(span), key, value)
        original(key, value)

    span.set_content_tag = set_content_tag


@guarded("hearing a span")
def _hear(key: int, name: str, value: Any) -> None:
    if name == _OUTPUT:
        RUNS.end(key, reply=value.get("documents"))


@guarded("hearing a span")
def _end(span: Any, error: BaseException | None) -> None:
    RUNS.end(id(span), error)


def _named(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"name": instance.name}


CLIENT = Client(
    name="haystack",
    package="haystack-ai",
    tested=("2.31.0", "3.4.1"),
    tells="runs, agents, tools, retrievals",
    places=(
        Place("haystack.tracing.tracer", "ProxyTracer.trace", _trace, "tracer"),
        *(
            method("haystack", f"haystack.tools.tool:Tool.{name}", tools, record=ToolCall, body=_named)
            for name in ("invoke", "invoke_async")
        ),
    ),
)
