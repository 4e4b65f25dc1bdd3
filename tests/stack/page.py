"""A page of metrics that Prometheus scrapes: counters that grow by so much a second, and gauges."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.stack.process import HOST
from tests.stack.servers import serving


@dataclass(slots=True)
class Page:
    """What the page says now; `broken` answers 500 on the path of that name."""

    address: str
    counters: dict[str, float] = field(default_factory=dict)
    speeds: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)
    broken: str = ""
    at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, speeds: Mapping[str, float], gauges: Mapping[str, float]) -> None:
        """Let counters grow at other speeds from now on, and gauges be others; what is not named stays as it is."""
        with self.lock:
            self._grow()
            self.speeds.update(speeds)
            self.gauges.update(gauges)
            for series in speeds:
                self.counters.setdefault(series, 0.0)

    def text(self) -> str:
        """Give the page as of now."""
        with self.lock:
            self._grow()
            lines = [f"{series} {value!r}" for series, value in {**self.counters, **self.gauges}.items()]
        return "\n".join([*lines, ""])

    def _grow(self) -> None:
        now = time.monotonic()
        for series, speed in self.speeds.items():
            self.counters[series] += speed * (now - self.at)
        self.at = now


@contextmanager
def page() -> Iterator[Page]:
    """Serve an empty page on loopback."""

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = told.text().encode() if self.path == "/metrics" else b""
            self.send_response(500 if told.broken == self.path else 200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output free of access lines."""

    with serving(Server) as port:
        told = Page(f"{HOST}:{port}")
        yield told
