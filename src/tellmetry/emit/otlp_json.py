"""Spans as OTLP JSON lines, the standard file format: a Collector can read what we store, and we read it back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from tellmetry import names
from tellmetry.emit.pace import gently
from tellmetry.emit.spans import Finished, Own
from tellmetry.version import VERSION

_KIND = {"internal": 1, "server": 2, "client": 3}
_KIND_NAME = {number: name for name, number in _KIND.items()}
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}  # JSON has no numbers for these
_SCOPE = {"name": names.SCOPE, "version": VERSION}

_write = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def dump(told: list[Finished], resource: Mapping[str, str]) -> str:
    """Give one line: an ExportTraceServiceRequest with all the spans."""
    spans = ",".join([_write(_span(one)) for one in gently(told)])
    described, scope = _write({"attributes": _pairs(resource)}), _write(_SCOPE)
    return f'{{"resourceSpans":[{{"resource":{described},"scopeSpans":[{{"scope":{scope},"spans":[{spans}]}}]}}]}}'


def _span(one: Finished) -> dict[str, Any]:
    told = {
        "traceId": f"{one.identity.trace_id:032x}",
        "spanId": f"{one.identity.span_id:016x}",
        "name": one.name,
        "kind": _KIND[one.kind],
        "startTimeUnixNano": str(one.started_ns),
        "endTimeUnixNano": str(one.ended_ns),
        "attributes": _pairs(one.attributes),
        "status": {"code": 2} if one.failed else {},
        "flags": 0x300 if one.identity.parent_is_remote else 0x100,
    }
    if one.identity.parent_id:
        told["parentSpanId"] = f"{one.identity.parent_id:016x}"
    return told


def _pairs(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _NOT_FINITE[str(value)]}
    if isinstance(value, (tuple, list)):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": str(value)}


def load(line: str | bytes) -> Iterator[tuple[dict[str, Any], list[Finished]]]:
    """Read one line back: pairs of resource attributes and spans. Raises ValueError for a line that is not OTLP."""
    try:
        for request in json.loads(line)["resourceSpans"]:
            spans = [_finished(span) for scope in request["scopeSpans"] for span in scope["spans"]]
            yield _read(request.get("resource", {}).get("attributes", ())), spans
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not an OTLP JSON line: {type(error).__name__} {error}") from error


def _finished(span: Mapping[str, Any]) -> Finished:
    identity = Own(
        int(span["traceId"], 16),
        int(span["spanId"], 16),
        int(span.get("parentSpanId") or "0", 16),
        bool(int(span.get("flags", 0)) & 0x200),
    )
    return Finished(
        span["name"],
        _KIND_NAME.get(span.get("kind", 1), "internal"),
        identity,
        int(span["startTimeUnixNano"]),
        int(span["endTimeUnixNano"]),
        _read(span.get("attributes", ())),
        span.get("status", {}).get("code") == 2,
    )


def _read(pairs: Any) -> dict[str, Any]:
    return {pair["key"]: _plain(pair["value"]) for pair in pairs}


def _plain(value: Mapping[str, Any]) -> Any:
    content: Any
    kind, content = next(iter(value.items()), ("", None))
    if kind == "intValue":
        return int(content)
    if kind == "doubleValue":
        return float(content)
    if kind == "arrayValue":
        return tuple(_plain(item) for item in content.get("values", ()))
    return content
