"""AWS Bedrock through botocore, which has one method for every operation of every service."""

from __future__ import annotations

import weakref
from typing import Any

from tellmetry.clients import listening, stepping
from tellmetry.clients.client import Client, Place
from tellmetry.engine import stream
from tellmetry.engine.call import Call, Wire, is_part_of_open
from tellmetry.engine.traced import settle, traced
from tellmetry.guard import guarded
from tellmetry.record import Guardrail, ModelCall, Record, Retrieval
from tellmetry.wire import apply_guardrail, bedrock_rerank, converse, invoke_model, knowledge_base
from tellmetry.wire.hosts import host
from tellmetry.wire.shape import count, fields

_SERVICES = ("bedrock-runtime", "bedrock-agent-runtime")
_FRAMES = "frames"
_OPERATIONS: dict[str, tuple[Wire, type[Record]]] = {
    "Converse": (converse, ModelCall),
    "ConverseStream": (converse, ModelCall),
    "InvokeModel": (invoke_model, ModelCall),
    "InvokeModelWithResponseStream": (invoke_model, ModelCall),
    "ApplyGuardrail": (apply_guardrail, Guardrail),
    "Retrieve": (knowledge_base, Retrieval),
    "RetrieveAndGenerate": (knowledge_base, Retrieval),
    "RetrieveAndGenerateStream": (knowledge_base, Retrieval),
    "Rerank": (bedrock_rerank, ModelCall),
}


def _opening(instance: Any, args: Any, kwargs: Any) -> Call | None:
    if instance.meta.service_model.service_name not in _SERVICES:
        return None
    name, body = args or (kwargs["operation_name"], kwargs["api_params"])
    wire, kind = _OPERATIONS.get(name, (None, Record))
    if wire is None or is_part_of_open(wire.OPERATION):
        return None
    told: Any = kind()
    told.client = "bedrock"
    told.operation = wire.OPERATION
    if kind is not Guardrail:
        told.provider = "aws.bedrock"
        _address(told, instance)
    if kind is ModelCall:
        told.attempts = 0
        told.stream = True if name.endswith("Stream") else None
    return Call(told, wire, body, _failed)


@guarded("reading where a client sends")
def _address(told: Any, instance: Any) -> None:
    host(instance.meta.endpoint_url).write_on(told)


def _failed(told: Any, error: BaseException) -> None:
    """Read the request's id and status."""
    if isinstance(told, ModelCall):
        about = fields(fields(getattr(error, "response", None)).get("ResponseMetadata"))
        told.request_id = about.get("RequestId")
        told.http_status = told.http_status or count(about.get("HTTPStatusCode"))


def _follow(call: Call, result: Any) -> Any:
    events = next((one for one in map(result.get, ("stream", "body")) if hasattr(one, "_event_generator")), None)
    if events is None:
        return settle(call, result)
    if isinstance(call.record, ModelCall):
        converse.identity(call.record, result)
    watched = stream.watch(stepping.Endings(call), events._event_generator)  # type: ignore[arg-type]
    events._event_generator = watched
    stepping.keep(events, {_FRAMES: weakref.proxy(watched)})  # its frames hold the stream itself
    return result


@guarded("finding a stream's call")
def _call_of(events: Any) -> Call | None:
    watched = stepping.find(events, _FRAMES)
    return None if watched is None else watched.call.call


def _parse(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Read an event that botocore has parsed; an exception among the frames is raised there."""
    call = _call_of(instance)
    if call is None:
        return wrapped(*args, **kwargs)
    try:
        event = wrapped(*args, **kwargs)
    except BaseException as error:
        call.fail(error)
        raise
    call.saw(event)
    return event


CLIENT = Client(
    name="bedrock",
    package="botocore",
    tested=("1.35.99", "1.44.8"),
    tells="model calls, guardrail checks, retrievals",
    places=(
        Place("botocore.client", "BaseClient._make_api_call", traced(_opening, _follow), "choke point"),
        Place("botocore.eventstream", "EventStream._parse_event", _parse, "stream"),
        Place("botocore.eventstream", "EventStream.close", stepping.close, "stream"),
        Place("botocore.endpoint", "Endpoint._send", listening.exchanged, "attempts"),
        Place("botocore.endpoint", "Endpoint._needs_retry", listening.slept, "waits"),
    ),
)
