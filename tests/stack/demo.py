"""The demo's traffic on its way into the running stack."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.stack import Stack


def environment(servers: Stack, store: Path) -> dict[str, str]:
    """Give a program's environment: on, and sent to the Collector of these servers."""
    return {
        **os.environ,
        "TELLMETRY": "on",
        "TELLMETRY_STORE": str(store),
        "OTEL_EXPORTER_OTLP_ENDPOINT": servers.collector.url,
        "OTEL_SERVICE_NAME": "demo",
    }


def demo(servers: Stack, store: Path, *arguments: str) -> None:
    """Run `tellmetry demo` to its end; its bill must equal what was recorded."""
    command = [sys.executable, "-m", "tellmetry", "demo", "--on", *arguments]
    done = subprocess.run(command, env=environment(servers, store), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@contextmanager
def traffic(servers: Stack, store: Path, *arguments: str) -> Iterator[None]:
    """Have the demo make traffic while the block runs."""
    command = [sys.executable, "-m", "tellmetry", "demo", "--on", *arguments]
    with open(store / "demo.log", "w") as log:
        running = subprocess.Popen(command, env=environment(servers, store), stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            running.wait(20)
