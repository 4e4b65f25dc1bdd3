"""Who sends: the service's identity from the standard variables, without importing the SDK."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from urllib.parse import unquote

from tellmetry import names
from tellmetry.version import VERSION


def describe() -> dict[str, str]:
    """Give this process's resource attributes; a service without a name is called after its script or module."""
    told = {
        names.SERVICE_NAME: _program(),
        names.SERVICE_INSTANCE: str(uuid.uuid4()),
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "python",
        "telemetry.distro.name": names.SCOPE,
        "telemetry.distro.version": VERSION,
    }
    for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","):
        key, separator, value = pair.partition("=")
        if separator and key.strip():
            told[key.strip()] = unquote(value.strip())
    name = os.environ.get("OTEL_SERVICE_NAME")
    if name:
        told[names.SERVICE_NAME] = name
    return told


def _program() -> str:
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name and spec.name != "__main__":
        return str(spec.name.removesuffix(".__main__"))
    script = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] not in ("", "-c", "-") else ""
    return script or "unknown_service"
