"""The smallest value that satisfies a JSON schema: what this provider answers where a structure is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tellmetry.demo.provider.script import ScriptError

_MAX_DEPTH = 32


def instance(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """Make a value; the same schema always gives the same one."""
    if not isinstance(schema, dict):
        return {}
    if depth > _MAX_DEPTH:
        raise ScriptError("the JSON schema refers to itself without an end")
    root = schema if root is None else root
    for key in ("const", "default", "enum"):
        if key in schema:
            return schema[key][0] if key == "enum" else schema[key]
    other = _other(schema, root)
    return _typed(schema, root, depth) if other is None else instance(other, root, depth + 1)


def _other(schema: dict[str, Any], root: Any) -> Any:
    """Find the schema that stands for this one, where it only points at others."""
    if "$ref" in schema:
        return _resolve(schema["$ref"], root)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return schema[key][0]
    return _merged(schema, root) if "allOf" in schema else None


def _resolve(ref: str, root: Any) -> Any:
    found = root
    for part in filter(None, ref.removeprefix("#").split("/")):
        if not isinstance(found, dict) or part not in found:
            raise ScriptError(f"the JSON schema has no {ref}")
        found = found[part]
    return found


def _merged(schema: dict[str, Any], root: Any) -> dict[str, Any]:
    merged = {key: value for key, value in schema.items() if key != "allOf"}
    for entry in schema["allOf"]:
        part = _resolve(entry["$ref"], root) if "$ref" in entry else entry
        properties = merged.get("properties", {}) | part.get("properties", {})
        required = [*merged.get("required", []), *part.get("required", [])]
        merged |= part | {"properties": properties, "required": required}
    return merged


def _typed(schema: dict[str, Any], root: Any, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    return _MAKERS.get(kind, _null)(schema, root, depth)


def _object(schema: dict[str, Any], root: Any, depth: int) -> Any:
    properties = schema.get("properties", {})
    return {name: instance(properties.get(name, {}), root, depth + 1) for name in schema.get("required", properties)}


def _array(schema: dict[str, Any], root: Any, depth: int) -> Any:
    items = schema.get("items", {"type": "string"})
    return [instance(items, root, depth + 1) for _ in range(schema.get("minItems", 1))]


def _string(schema: dict[str, Any], _root: Any, _depth: int) -> Any:
    by_format = {"date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "time": "12:00:00"}
    made = by_format.get(schema.get("format", ""), "sample")
    return made.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _number(schema: dict[str, Any], _root: Any, _depth: int) -> Any:
    least = schema.get("minimum", 0)
    if "exclusiveMinimum" in schema:
        least = max(least, schema["exclusiveMinimum"] + 1)
    most = schema.get("maximum", max(least, 1))
    return min(max(least, 1), most)


def _boolean(_schema: dict[str, Any], _root: Any, _depth: int) -> Any:
    return True


def _null(_schema: dict[str, Any], _root: Any, _depth: int) -> Any:
    return None


_MAKERS: dict[str, Callable[[dict[str, Any], Any, int], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "null": _null,
}
