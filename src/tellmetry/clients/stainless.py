"""The choke point that all SDKs made by Stainless share: `_base_client`'s `request`.

Every method, helper, raw response and retry of such an SDK passes it, and the body is plain JSON there. Beside it a few
small functions tell what a result does not: `_build_request` is called once for each request sent, `_process_response`
has the headers of the answer, `_calculate_retry_timeout` says how long a retry waits, `_should_retry` sees the status
that led to it, and `_parse` makes a stream of a raw response when the app asks it to. They are private, stable in every
major read (openai 1 to 3, anthropic 0 to 2), and a call is told without them too, only with less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from weakref import ref

from tellmetry.clients import listening
from tellmetry.clients.client import Place
from tellmetry.engine import body, raw, stream
from tellmetry.engine.call import Call, Wire, is_part_of_open, open_call
from tellmetry.engine.traced import settle, traced
from tellmetry.guard import guarded
from tellmetry.record import ModelCall
from tellmetry.wire import content_filter
from tellmetry.wire.hosts import Host, host
from tellmetry.wire.shape import fields

NameProvider = Callable[[type], str]
_REMEMBERED = 256

_HEADERS: dict[bytes, tuple[str, Callable[[str], Any]]] = {
    **{name.encode(): known for name, known in listening.HEADERS.items()},
    b"request-id": ("request_id", str),
    b"anthropic-ratelimit-requests-remaining": ("remaining_requests", listening.whole),
    b"anthropic-ratelimit-tokens-remaining": ("remaining_tokens", listening.whole),
}


def places(
    client: str, module: str, routes: Mapping[str, Wire], provider: NameProvider | None = None
) -> tuple[Place, ...]:
    """Give the places of one Stainless SDK; `routes` says which wire format answers at which path.

    `provider` names who answers by the class of the client, where the host does not tell; else it is `client`.
    """
    request = traced(_opening(client, routes, provider or (lambda _: client)), _follow)
    package = module.rpartition(".")[0]
    sides = ("SyncAPIClient", "AsyncAPIClient")
    return (
        *(Place(module, f"{side}.request", request, "choke point") for side in sides),
        *(Place(module, f"{side}._process_response", _hear_answer, "answer headers") for side in sides),
        Place(module, "BaseClient._build_request", listening.sent, "attempts"),
        Place(module, "BaseClient._calculate_retry_timeout", listening.waited, "waits between attempts"),
        Place(module, "BaseClient._should_retry", _hear_refusal, "rate limits"),
        Place(f"{package}._response", "BaseAPIResponse._parse", _hear_parsing, "raw streams"),
        Place(f"{package}._legacy_response", "LegacyAPIResponse._parse", _hear_parsing, "raw streams"),
    )


def _opening(client: str, routes: Mapping[str, Wire], provider: NameProvider) -> Callable[..., Call | None]:
    about = guarded("reading what a client is")(partial(_about, provider, {}))
    ways = {path: (wire, partial(_failed, wire)) for path, wire in routes.items()}

    def opening(instance: Any, args: Any, kwargs: Any) -> Call | None:
        options = args[1] if len(args) > 1 else kwargs["options"]
        way = ways.get(options.url.partition("?")[0].rstrip("/"))
        asked = options.json_data
        if way is None or not isinstance(asked, dict) or options.method.lower() != "post":
            return None
        wire, failed = way
        if is_part_of_open(wire.OPERATION):
            return None
        call = ModelCall()
        call.client = client
        call.operation = wire.OPERATION
        about(call, instance)
        return Call(call, wire, asked, failed)

    return opening


_Known = dict[tuple[type, int], tuple[Any, str, Host]]


def _about(named: NameProvider, known: _Known, call: ModelCall, instance: Any) -> None:
    """Write where a client sends its calls, worked out once for each: the SDK keeps a URL that is slow to print."""
    url = instance.base_url
    told = known.get((type(instance), id(url)))
    if told is None:
        at = host(str(url))
        if len(known) >= _REMEMBERED:
            known.clear()
        provider = at.provider or named(type(instance))
        told = known[type(instance), id(url)] = url, provider, at  # holding the URL keeps its id its own
    _, call.provider, at = told
    at.write_on(call)


def _follow(call: Call, result: Any) -> Any:
    """See what `request` gave: a stream, a raw response whose body is still to come, or the parsed answer.

    A parsed answer is looked into by its dictionary, since asking it for what it lacks has pydantic raise; a stream is
    not, since once it has been asked for its dictionary the SDK's own code reads it more slowly, at every chunk.
    """
    if call.body.get("stream") and hasattr(result, "_iterator"):
        return _watch(call, result)
    response = fields(result).get("http_response")
    if response is None:
        return settle(call, result)
    raw.follow(call, response)
    return result


def _watch(call: Call, result: Any) -> Any:
    watched = stream.watch(call, result._iterator)
    body.on_close(result.response, watched.closed_by_app)
    result._iterator = watched
    return result


@guarded("following a parsed body")
def _follow_parsed(parsed: Any, result: Any) -> None:
    """Follow a raw response by its chunks from the moment that the SDK itself reads it as a stream."""
    ear = raw.ear(parsed.http_response)
    call = ear.hand_over()[0] if ear is not None and hasattr(result, "_iterator") else None
    if call is not None:
        _watch(call, result)


def _failed(wire: Wire, call: ModelCall, error: BaseException) -> None:
    """Read what is known of a call that raised; the answer itself, where the SDK or the app did not like it."""
    answer = call.answer() if call.answer is not None else None
    told = raw.json_object(answer.content) if answer is not None and raw.is_read(answer) else None
    if told is not None:
        wire.reply(call, told)
    response = getattr(error, "response", None)
    if response is not None:
        _read_headers(call, response)
        listening.count_rate_limit(call, call.http_status)
    content_filter.refused(call, getattr(error, "body", None))


def _hear_answer(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    _read_answer(kwargs)
    return wrapped(*args, **kwargs)


@guarded("reading headers")
def _read_answer(told: Mapping[str, Any]) -> None:
    call = open_call()
    if call is not None:
        call.answer = ref(told["response"])
        _read_headers(call, told["response"])


def _read_headers(call: ModelCall, response: Any) -> None:
    call.http_status = response.status_code
    for _, name, value in _headers(response.headers):
        if name in _HEADERS:
            field, read = _HEADERS[name]
            setattr(call, field, read(value.decode("ascii", "replace")))


def _headers(headers: Any) -> Any:
    """Give name, name in lower case and value of every header, as httpx keeps them; it copies them to show them."""
    held = getattr(headers, "_list", None)
    return [(name, name.lower(), value) for name, value in headers.raw] if held is None else held


def _hear_refusal(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    _count_rate_limit(args, kwargs)
    return wrapped(*args, **kwargs)


@guarded("counting a rate limit")
def _count_rate_limit(args: Any, kwargs: Any) -> None:
    call = open_call()
    response = args[0] if args else kwargs["response"]
    if call is not None:
        listening.count_rate_limit(call, response.status_code)


def _hear_parsing(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    result = wrapped(*args, **kwargs)
    _follow_parsed(instance, result)
    return result
