"""Every record and the span attributes it may have, from the fields of the records."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import get_args, get_type_hints

from docs.source.table import table

from tellmetry import names, record, scope

_SAYS = """\
# What the spans say

One record is one span. An attribute that is not known is absent: zero means zero. Names under `gen_ai.` are
OpenTelemetry's, names under `tellmetry.` stand for what the conventions do not define yet. No prompt, answer, document,
argument, key or matched text is ever among them.

"""
_TYPES = {"str": "string", "int": "int", "float": "double", "bool": "boolean"}


def page() -> str:
    """Give the page."""
    return _SAYS + "\n".join(_section(kind) for kind in record.KINDS)


def _section(kind: type[record.Record]) -> str:
    says = re.sub(r"\s+", " ", (kind.__doc__ or "").strip())
    operation = f", `{names.OPERATION}` = `{kind.operation}`" if kind.operation else ""
    return f"## {kind.__name__}\n\n{says} Kind {kind.kind.upper()}{operation}.\n\n" + table(("attribute", "type"), _rows(kind))


def _rows(kind: type[record.Record]) -> Iterator[tuple[str, ...]]:
    hints = get_type_hints(kind, {**vars(sys.modules[record.__name__]), "Trail": scope.Trail})
    for field, attribute in kind.attributes.items():
        if attribute != names.OPERATION:
            yield f"`{attribute}`", _type(hints[field])


def _type(hint: object) -> str:
    """Spell a field's type as OpenTelemetry does; one of a few words as those words."""
    inner = [one for one in get_args(hint) if one is not type(None)] or [hint]
    words = [word for one in inner for word in (get_args(one) if str(one).startswith("typing.Literal") else ())]
    if words:
        return " ".join(f"`{word}`" for word in words)
    (one,) = inner
    name = getattr(one, "__name__", "")
    return "string[]" if name == "tuple" else _TYPES[name]
