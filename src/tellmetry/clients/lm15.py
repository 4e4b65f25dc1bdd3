"""lm15, which DSPy brings along since 3.2 and calls models with: its transports, where requests and answers are bytes.

A call that DSPy tries again is told again, each with its own outcome: what tries again stands above the transport.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from tellmetry.clients import listening
from tellmetry.clients.client import Client, Place
from tellmetry.engine import raw
from tellmetry.engine.call import Call, is_part_of_open
from tellmetry.engine.traced import traced
from tellmetry.record import ModelCall
from tellmetry.wire import chat_completions, messages, responses
from tellmetry.wire.hosts import host

_ROUTES = {
    "/chat/completions": (chat_completions, "openai"),
    "/responses": (responses, "openai"),
    "/messages": (messages, "anthropic"),
}
_REFUSED = 400


def _opening(instance: Any, args: Any, kwargs: Any) -> Call | None:
    (request,) = args or (kwargs["request"],)
    path = urlsplit(request.url).path
    route = next((one for one in _ROUTES if path.endswith(one)), None)
    asked = raw.json_object(request.body) if route is not None and request.method == "POST" else None
    if route is None or asked is None or is_part_of_open(_ROUTES[route][0].OPERATION):
        return None
    wire, provider = _ROUTES[route]
    at = host(request.url.partition(route)[0])
    call = ModelCall()
    call.client, call.operation, call.attempts = "dspy", wire.OPERATION, 1
    call.provider = at.provider or provider
    at.write_on(call)
    return Call(call, wire, asked)


def _follow(call: Call, response: Any) -> Any:
    """Listen to a body that is still to come."""
    record: Any = call.record
    record.http_status = response.status
    if response.status >= _REFUSED:
        record.error_type = str(response.status)
        listening.count_rate_limit(record, response.status)
    body = SimpleNamespace(headers=dict(response.headers), stream=response._chunks)
    raw.follow(call, body)
    response._chunks = body.stream
    return response


_TRANSPORTS = "dspy._vendor.lm15.transports"

CLIENT = Client(
    name="lm15",
    package="dspy",
    tested=("3.4.1",),
    places=(
        Place(f"{_TRANSPORTS}._sync", "StdlibTransport.stream", traced(_opening, _follow)),
        Place(f"{_TRANSPORTS}._async", "StdlibAsyncTransport._do_stream", traced(_opening, _follow)),
    ),
)
