"""The Model Context Protocol: a tool called on a server, and a tool served. Each is one span, on its own side.

The SDK has spans of its own since 2.0; they are silent about what we tell. It sends the current span along, which is
ours then, so that the server's span stands under the client's. Older ones send nothing, and we add nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import arguments
from tellmetry.engine import native
from tellmetry.engine.call import Call, open_of
from tellmetry.engine.current import sent_with
from tellmetry.engine.part import Part
from tellmetry.engine.traced import traced
from tellmetry.guard import guarded
from tellmetry.record import ToolCall
from tellmetry.wire import tools_call
from tellmetry.wire.shape import all_fields, text

_asked = arguments("name")


def _called(instance: Any, args: Any, kwargs: Any) -> Any:
    body = _asked(instance, args, kwargs)
    outer = open_of(ToolCall)
    if outer is not None and outer.kind == "internal" and (outer.tool or "").endswith(body["name"]):
        tools_call.request(outer, body)
        return Part(outer, tools_call)
    return _opened("client", body, getattr(instance, "protocol_version", None))


def _opened(kind: str, body: Mapping[str, Any], version: Any) -> Call:
    tool = ToolCall()
    tool.client, tool.operation, tool.kind = "mcp", tools_call.OPERATION, kind
    tool.mcp_protocol = text(version)
    return Call(tool, tools_call, body, tools_call.failed)


def _served(instance: Any, args: Any, kwargs: Any) -> Call | None:
    """Look at a request that reached a server of 2.x: its context, its method, its parameters."""
    _, method, params = args
    if method != tools_call.METHOD:
        return None
    with sent_with(params.get("_meta") or {}):
        return _opened("server", params, instance.connection.protocol_version)


def _served_before(instance: Any, args: Any, kwargs: Any) -> Call | None:
    """Look at a request that reached a server of 1.x: whoever answers it, the parsed request."""
    responder, request, *_ = args
    if getattr(request, "method", None) != tools_call.METHOD:
        return None
    with sent_with(all_fields(responder.request_meta)):
        return _opened("server", all_fields(request.params), None)


def _responded(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    _look(*args, *kwargs.values())
    return wrapped(*args, **kwargs)


@guarded("reading a reply")
def _look(response: Any) -> None:
    tool = open_of(ToolCall)
    if tool is not None and tool.kind == "server":
        tools_call.reply(tool, response)


def _is_told(asked: Any) -> bool:
    tool = open_of(ToolCall)
    return tool is not None and asked["attributes"].get(names.MCP_METHOD) == tool.mcp_method


CLIENT = Client(
    name="mcp",
    package="mcp",
    tested=("1.30.0", "2.3.0"),
    tells="tool calls, of the client and of the server",
    proof="itself, in memory",
    places=(
        Place("mcp.client.session", "ClientSession.call_tool", traced(_called)),
        Place("mcp.server.runner", "ServerRunner._on_request", traced(_served), "server"),
        Place("mcp.server.lowlevel.server", "Server._handle_request", traced(_served_before), "server of 1.x"),
        Place("mcp.shared.session", "RequestResponder.respond", _responded, "answers of 1.x"),
        Place("mcp.shared.jsonrpc_dispatcher", "otel_span", native.unless(_is_told), "native spans silenced"),
        Place("mcp.server._otel", "otel_span", native.unless(_is_told), "native spans silenced"),
    ),
)
