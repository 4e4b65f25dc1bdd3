"""Real servers on free loopback ports, each a context manager that is entered when the server is ready."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import Popen
from typing import Any

from tests.stack.build import binary
from tests.stack.process import HOST, answers, free_port, home_of, running

PORTS = ("OTLP_HTTP", "OTLP_GRPC", "HEALTH", "METRICS", "LLM")
PROMETHEUS_FEATURES = "exemplar-storage,created-timestamp-zero-ingestion"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its URL, its process and the directory with its `log` and data."""

    url: str
    process: Popen[bytes]
    home: Path

    @property
    def log(self) -> str:
        """All that it has said so far."""
        return (self.home / "log").read_text(errors="replace")


@dataclass(frozen=True, slots=True)
class Collector(Server):
    """A Collector: `url` is its OTLP/HTTP endpoint."""

    grpc: str
    metrics: str  # its own telemetry
    llm: str  # the metrics it derives from spans


@contextmanager
def collector(config: Path, env: Mapping[str, str] | None = None, home: Path | None = None) -> Iterator[Collector]:
    """Run the Collector with a configuration that takes its ports and endpoints from `COLLECTOR_*` variables."""
    ports = {f"COLLECTOR_{name}_PORT": str(free_port()) for name in PORTS}
    with home_of("collector", home) as where:
        variables = {**ports, "COLLECTOR_QUEUE": str(where / "queue"), **(env or {})}
        otlp, grpc, health, metrics, llm = (f"http://{HOST}:{variables[f'COLLECTOR_{name}_PORT']}" for name in PORTS)
        command = [str(binary("otelcol")), f"--config={config}"]
        with running(command, where, answers(f"{health}/"), variables) as process:
            yield Collector(otlp, process, where, grpc, metrics=f"{metrics}/metrics", llm=f"{llm}/metrics")


@contextmanager
def prometheus(
    config: str,
    rules: Path | None = None,
    home: Path | None = None,
    port: int | None = None,
    flags: tuple[str, ...] = (),
) -> Iterator[Server]:
    """Run Prometheus with this configuration text; `rules` is linked beside it as `rules/`."""
    port = port or free_port()
    with home_of("prometheus", home) as where:
        (where / "prometheus.yml").write_text(config)
        if rules and not (where / "rules").exists():
            (where / "rules").symlink_to(rules.resolve())
        command = [
            str(binary("prometheus")),
            f"--config.file={where / 'prometheus.yml'}",
            f"--storage.tsdb.path={where / 'data'}",
            f"--web.listen-address={HOST}:{port}",
            "--web.enable-otlp-receiver",
            f"--enable-feature={PROMETHEUS_FEATURES}",
            *flags,
        ]
        url = f"http://{HOST}:{port}"
        with running(command, where, answers(f"{url}/-/ready")) as process:
            yield Server(url, process, where)


@contextmanager
def alertmanager(config: str, home: Path | None = None, port: int | None = None) -> Iterator[Server]:
    """Run one Alertmanager, without a cluster, with this configuration text."""
    port = port or free_port()
    with home_of("alertmanager", home) as where:
        (where / "alertmanager.yml").write_text(config)
        command = [
            str(binary("alertmanager")),
            f"--config.file={where / 'alertmanager.yml'}",
            f"--storage.path={where / 'data'}",
            f"--web.listen-address={HOST}:{port}",
            "--cluster.listen-address=",
        ]
        url = f"http://{HOST}:{port}"
        with running(command, where, answers(f"{url}/-/ready")) as process:
            yield Server(url, process, where)


@dataclass(frozen=True, slots=True)
class Tempo(Server):
    """Tempo: `url` answers queries, `otlp` (host:port) takes spans by gRPC."""

    otlp: str


@contextmanager
def tempo(
    config: Path, env: Mapping[str, str] | None = None, home: Path | None = None, keep: bool = False
) -> Iterator[Tempo]:
    """Run Tempo with a configuration that takes its ports and directory from `TEMPO_*` variables.

    It takes five seconds to leave a ring in which it is alone; `keep` waits for that, so that its data is whole.
    """
    ports = {name: free_port() for name in ("HTTP", "GRPC", "OTLP")}
    with home_of("tempo", home) as where:
        variables = {
            **{f"TEMPO_{name}_PORT": str(port) for name, port in ports.items()},
            "TEMPO_HOST": HOST,
            "TEMPO_DATA": str(where / "data"),
            **(env or {}),
        }
        command = [str(binary("tempo")), f"-config.file={config}", "-config.expand-env=true"]
        url = f"http://{HOST}:{variables['TEMPO_HTTP_PORT']}"
        with running(command, where, answers(f"{url}/ready"), variables, gentle_s=20 if keep else 0.2) as process:
            yield Tempo(url, process, where, otlp=f"{HOST}:{variables['TEMPO_OTLP_PORT']}")


@dataclass(slots=True)
class Webhook:
    """What a webhook receiver was sent, oldest first."""

    url: str
    posts: list[dict[str, Any]] = field(default_factory=list)

    def alerts(self, status: str) -> set[str]:
        """Give the names of the alerts that arrived as `firing` or `resolved`."""
        found = (alert for post in list(self.posts) for alert in post.get("alerts", ()))
        return {alert["labels"]["alertname"] for alert in found if alert["status"] == status}


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Serve what a handler answers, and give the port."""
    server = ThreadingHTTPServer((HOST, 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Listen for Alertmanager's posts and keep them."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output free of access lines."""

    with serving(Receiver) as port:
        seen = Webhook(f"http://{HOST}:{port}/")
        yield seen
