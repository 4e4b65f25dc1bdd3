"""Places of clients without a choke point: one method, one wire format, and where the request's values stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tellmetry.clients import listening
from tellmetry.clients.client import Place
from tellmetry.engine import stream
from tellmetry.engine.call import Call, Errors, Wire, is_part_of_open
from tellmetry.engine.traced import Follow, traced
from tellmetry.guard import guarded
from tellmetry.record import ModelCall, Record, Retrieval
from tellmetry.wire.hosts import host

Body = Callable[[Any, Any, Mapping[str, Any]], Any]
Of = Callable[[Any], str | None]


def arguments(*positional: str, of: Callable[[Any], Mapping[str, Any]] | None = None) -> Body:
    """Give the body of a method: its keyword arguments, and those it takes by position under these names.

    `of(instance)` adds what is known without them: the collection that the instance stands for, a default.
    """

    def body(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        given = {**dict(zip(positional, args, strict=False)), **kwargs} if args else kwargs
        return given if of is None else {**of(instance), **given}

    return body


def _about(provider: str | Of | None, url: Of | None, told: Any, instance: Any) -> None:
    """Write on a record who answers, and where."""
    if provider is not None:
        told.provider = provider if isinstance(provider, str) else provider(instance)
    if url is not None:
        host(url(instance) or "").write_on(told)


def method(  # noqa: PLR0913 - a declaration: most have a default
    client: str,
    where: str,
    wire: Wire,
    *,
    provider: str | Of | None = None,
    url: Of | None = None,
    body: Body = arguments(),
    record: type[Record] = ModelCall,
    on_error: Errors | None = listening.failed,
    attempts: int = 1,
    follow: Follow = stream.follow,
    whole: Callable[[Any], Retrieval | None] | None = None,
    when: Callable[[Any], bool] | None = None,
) -> Place:
    """Declare one method to tell: `where` is `module:Class.method`.

    `wire` reads request, reply and chunks into a `record`; `provider` and `url` are constants or read from the
    instance; `follow` does what is special about a client's results. `attempts` are the requests that the method has
    sent when nothing tells of more; 0 where every one is counted. `whole` gives the retrieval that an instance is at
    work for in another thread. `when` tells by its body whether a call is one to tell.
    """
    module, _, path = where.partition(":")
    streams = True if "stream" in path.rpartition(".")[2] else None
    read = guarded("reading a request")(body)
    about = guarded("reading what a client is")(partial(_about, provider, url))

    def opening(instance: Any, args: Any, kwargs: Mapping[str, Any]) -> Call | None:
        if is_part_of_open(wire.OPERATION):
            return None
        asked = read(instance, args, kwargs) or kwargs
        if when is not None and not when(asked):
            return None
        told: Any = record()
        told.client = client
        told.operation = wire.OPERATION
        if record is ModelCall:
            told.attempts = attempts
            told.stream = streams
        about(told, instance)
        return Call(told, wire, asked, on_error, whole and whole(instance))

    return Place(module, path, traced(opening, follow))
