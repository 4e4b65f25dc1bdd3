"""What the inside of a client tells of the call that is open: requests sent, waits between them, statuses, headers.

Each function wraps one small function of a client and looks at what passes; none changes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tellmetry.engine.call import open_call
from tellmetry.guard import guarded
from tellmetry.record import ModelCall


def whole(header: str) -> int | None:
    """Give a header's whole number."""
    return int(header) if header.isdecimal() else None


# What an answer's headers say, and of which field.
HEADERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "x-request-id": ("request_id", str),
    "x-ratelimit-remaining-requests": ("remaining_requests", whole),
    "x-ratelimit-remaining-tokens": ("remaining_tokens", whole),
}
_TOO_MANY = 429


def sent(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Count one request: for a function that is called once for each attempt."""
    _count_attempt()
    return wrapped(*args, **kwargs)


def refused(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Look at an answer and add the wait: for a function that says how long to wait after which error."""
    wait_s = wrapped(*args, **kwargs)
    _read_response(*args, *kwargs.values())
    _add_wait(wait_s)
    return wait_s


def waited(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Add the wait: for a function that says how long to wait."""
    wait_s = wrapped(*args, **kwargs)
    _add_wait(wait_s)
    return wait_s


def slept(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Add the time that a function took where it answers yes: for one that waits before it says to try again."""
    started = time.perf_counter()
    again = wrapped(*args, **kwargs)
    if again:
        _add_wait(time.perf_counter() - started)
    return again


def exchanged(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Count one request and look at its answer: for a function that sends the one and returns the other."""
    _count_attempt()
    response = wrapped(*args, **kwargs)
    _read_response(response)
    return response


def answered(wrapped: Callable[..., Any], instance: Any, args: Any, kwargs: Any) -> Any:
    """Look at an answer: for a function that is given every response."""
    _read_response(*args, *kwargs.values())
    return wrapped(*args, **kwargs)


@guarded("counting an attempt")
def _count_attempt() -> None:
    call = open_call()
    if call is not None:
        call.attempts = (call.attempts or 0) + 1


@guarded("adding a wait")
def _add_wait(wait_s: float) -> None:
    call = open_call()
    if call is not None:
        call.retry_wait_s = (call.retry_wait_s or 0.0) + wait_s


@guarded("reading headers")
def _read_response(*given: Any) -> None:
    call = open_call()
    response = next((one for one in map(_response, given) if status_of(one) is not None), None)
    if call is None or response is None:
        return
    _note(call, status_of(response) or 0)
    headers = getattr(response, "headers", None) or {}
    for name, (field, read) in HEADERS.items():
        if name in headers:
            setattr(call, field, read(headers[name]))


def _response(thing: Any) -> Any:
    for name in ("http_response", "response"):
        inside = getattr(thing, name, None)
        if inside is not None:
            return inside
    return thing


def status_of(thing: Any) -> int | None:
    """Give the HTTP status of a response or of an error, whatever its client calls it."""
    for name in ("status_code", "status", "code"):
        value = getattr(thing, name, None)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
    return None


def _note(call: ModelCall, status: int) -> None:
    call.http_status = status
    count_rate_limit(call, status)


def count_rate_limit(call: ModelCall, status: int | None) -> None:
    """Count an answer that says that there were too many requests."""
    if status == _TOO_MANY:
        call.rate_limited = (call.rate_limited or 0) + 1


def failed(call: Any, error: BaseException) -> None:
    """Read the status that an error brings, for clients that show their answers nowhere else."""
    status = status_of(error) or status_of(getattr(error, "response", None))
    if status is not None and isinstance(call, ModelCall):
        _note(call, status)


def failed_unheard(call: Any, error: BaseException) -> None:
    """Read the status that an error brings unless an answer was heard: who shows all others may not show a stream's."""
    if call.http_status is None:
        failed(call, error)


def known(call: Any, error: BaseException) -> None:
    """Read nothing: the client has shown its answers already."""
