"""The environment of a program whose spans go to an OTLP endpoint, alive or dead."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.peers import Peer

DEAD = "http://127.0.0.1:9"  # the discard port, where nothing listens


def environment(peer: Peer, endpoint: str = DEAD, store: Path | None = None) -> dict[str, str]:
    """Give the variables with which a peer is run; ours is switched on, and nobody else's settings leak in.

    Bytecode is kept between runs, as where it was installed: else each start compiles every module again.
    """
    strange = ("OTEL_", "TELLMETRY", "DD_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    where = store or Path(tempfile.gettempdir()) / "tellmetry-bench-store"
    return {
        **kept,
        **dict(peer.variables),
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "TRACELOOP_BASE_URL": endpoint,
        "TELLMETRY": "on" if peer.environment == "tellmetry" else "off",
        "TELLMETRY_STORE": str(where),
        "PYTHONHASHSEED": "0",
    }
