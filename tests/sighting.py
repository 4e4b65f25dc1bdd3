"""What an app can see of a thing it was given, written so that two sightings are equal when the things are alike."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pydantic

_PASSING = (  # what differs between two calls that are otherwise the same
    (re.compile(r"\b00-[0-9a-f]{32}-[0-9a-f]{16}-0\d\b"), "<traceparent>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"[0-9a-f]{24,}\d*"), "<id>"),
    (re.compile(r"0x[0-9a-f]{6,}|\b1\d{14}\b"), "<at>"),
    (re.compile(r"\b1[6-9]\d{8}(\.\d+)?\b"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?"), "<time>"),
)
_LATE = {"cache_hit"}  # LiteLLM writes it into what the app has by then, from a thread of its own
_FACTS = (
    "status_code", "request_id", "retries_taken", "http_version", "is_closed", "is_stream_consumed", "method", "url",
    "code", "param", "type", "body", "message", "charset_encoding", "reason_phrase", "content", "history",
)  # fmt: skip


def plain(text: str) -> str:
    """Give a text without ids, addresses and times."""
    for passing, name in _PASSING:
        text = passing.sub(name, text)
    return text


def see(thing: Any) -> Any:
    """Describe a value, model, response, stream or error: its very type, its members, and what they hold."""
    if thing is None or isinstance(thing, (bool, type)):
        return thing
    if isinstance(thing, (int, float)):
        return (type(thing), "<time>") if 1_600_000_000 < thing < 2_000_000_000 else (type(thing), thing)
    if isinstance(thing, str):
        return type(thing), plain(thing)
    if isinstance(thing, bytes):
        return type(thing), plain(thing.decode("utf-8", "replace"))
    if isinstance(thing, dict):
        return type(thing), [(see(key), see(value)) for key, value in thing.items()]
    if isinstance(thing, (list, tuple)):
        return type(thing), [see(one) for one in thing]
    if isinstance(thing, pydantic.BaseModel):
        return _model(thing)
    return _error(thing) if isinstance(thing, BaseException) else _object(thing)


def _model(thing: pydantic.BaseModel) -> Any:
    held = {**vars(thing), **(thing.__pydantic_extra__ or {}), "_request_id": getattr(thing, "_request_id", None)}
    told = [(name, see(value)) for name, value in held.items() if name not in _LATE]
    return type(thing), sorted(thing.model_fields_set - _LATE), told


def _error(error: BaseException) -> Any:
    told = [type(error), plain(str(error)), see([arg for arg in error.args if isinstance(arg, (str, int, bytes))])]
    told += [type(error.__cause__), type(error.__context__), error.__suppress_context__]
    return [*told, _object(error)]


def _object(thing: Any) -> Any:
    told: list[Any] = [type(thing), [name for name in dir(thing) if name != "__slotnames__"]]  # copying leaves that
    for name in _FACTS:
        try:
            value = getattr(thing, name)
        except Exception as error:  # a member that raises must raise alike
            told.append((name, type(error)))
        else:
            told.append((name, None if callable(value) else see(_url(name, value))))
    headers = getattr(thing, "headers", None)
    if headers is not None:
        told.append([(name, plain(value)) for name, value in headers.items() if name != "date"])
    response = getattr(thing, "response", None) or getattr(thing, "http_response", None)
    if response is not None and response is not thing:
        told.append(_object(response))
    return told


def _url(name: str, value: Any) -> Any:
    return str(value) if name == "url" else value


def anatomy(thing: Any) -> Any:
    """Say what copying and pickling make of a thing, and which attributes it and its response hold themselves."""
    response = getattr(thing, "response", None) or getattr(thing, "http_response", None)
    told = [type(thing), sorted(getattr(thing, "__dict__", ())), _copies(thing)]
    return told if response is None else [*told, anatomy(response)]


def _copies(thing: Any) -> list[Any]:
    told: list[Any] = []
    for duplicate in (copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        if duplicate is copy.deepcopy and not _stands_alone(thing):
            continue  # it knows its client, which cannot be copied, and half a copy complains when it is collected
        try:
            again = duplicate(thing)
        except Exception as error:
            told.append(type(error))
        else:
            told.append(type(again) if not isinstance(again, pydantic.BaseModel) else (type(again), _model(again) == _model(thing)))
    return told


def _stands_alone(thing: Any) -> bool:
    return isinstance(thing, pydantic.BaseModel) or type(thing).__module__.startswith("httpx")


def differences(was: Any, now: Any, at: str = "") -> list[str]:
    """List where two sightings differ, and how."""
    if type(was) is not type(now) or not isinstance(was, (list, tuple)):
        return [] if was == now else [f"{at}: bare {was!r}, instrumented {now!r}"]
    found = [
        difference
        for index, (a, b) in enumerate(zip(was, now, strict=False))
        for difference in differences(a, b, f"{at}[{index}]")
    ]
    more = [f"{at}: only bare {one!r:.300}" for one in was[len(now) :]]
    return found + more + [f"{at}: only instrumented {one!r:.300}" for one in now[len(was) :]]
