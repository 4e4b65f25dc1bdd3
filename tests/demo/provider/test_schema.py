"""Values that satisfy a JSON schema."""

import pytest
from pydantic import BaseModel

from tellmetry.demo.provider import ScriptError
from tellmetry.demo.provider.schema import instance


class _Line(BaseModel):
    sku: str
    count: int


class _Order(BaseModel):
    id: str | None
    lines: list[_Line]
    route: str = "billing"
    paid: bool


def test_a_real_model_accepts_its_instance():
    made = _Order.model_validate(instance(_Order.model_json_schema()))
    assert made.lines == [_Line(sku="sample", count=1)]
    assert made.paid is True


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"enum": ["low", "high"]}, "low"),
        ({"const": 7}, 7),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "number", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "maximum": 0}, 0),
        ({"type": "string", "minLength": 8}, "samplexx"),
        ({"type": "string", "maxLength": 3}, "sam"),
        ({"type": "string", "format": "date"}, "2026-01-31"),
        ({"type": ["null", "string"]}, None),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ({"allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": "sample"}),
        ({"properties": {"a": {}}, "required": ["a"]}, {"a": "sample"}),
        (None, {}),
        ({}, "sample"),
    ],
)
def test_kinds(schema, value):
    assert instance(schema) == value


def test_a_schema_without_an_end_is_an_error():
    with pytest.raises(ScriptError, match="without an end"):
        instance({"$ref": "#"})


def test_a_reference_to_nothing_is_an_error():
    with pytest.raises(ScriptError, match="has no #/nowhere"):
        instance({"$ref": "#/nowhere"})
