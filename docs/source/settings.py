"""Every environment variable of ours, from the fields of `Settings`."""

from __future__ import annotations

from dataclasses import Field, fields

from docs.source.table import table

from tellmetry.settings import Settings

_HOMES = {"store": "`~/.local/state/tellmetry`", "cache": "`~/.cache/tellmetry`"}  # as on a machine without XDG_*
_SAYS = """\
# Settings

`TELLMETRY` alone is enough. Everything else is optional; a value that is not understood is said in one line, and the
default is used. The standard `OTEL_*` variables are honoured: `OTEL_EXPORTER_OTLP_*` for where spans go,
`OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` for whose they are, `OTEL_TRACES_SAMPLER`, `OTEL_SDK_DISABLED`.

"""


def page() -> str:
    """Give the page."""
    rows = ((f"`{one.metadata['variable']}`", _default(one), one.metadata["says"]) for one in fields(Settings))
    return _SAYS + table(("variable", "default", "what it does"), rows)


def _default(one: Field[object]) -> str:
    if one.name in _HOMES:
        return _HOMES[one.name]
    if one.default in (None, ()):
        return "none"
    if isinstance(one.default, bool):
        return "`on`" if one.default else "`off`"
    return f"`{one.default}`"
