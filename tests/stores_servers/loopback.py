"""An HTTP server on loopback that answers with JSON: each store's own module says what."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What a store's server says: a JSON body, a status, and headers beside the usual ones."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}


Answers = Callable[[str, str, bytes], Answer]  # method, path without its query, body


def serve(answers: Answers) -> str:
    """Start a server and give its address; it lives as long as the process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = answers(self.command, self.path.partition("?")[0], asked)
            body = json.dumps(answer.body).encode()
            self.send_response_only(answer.status)  # no date: two answers are the same
            for name, value in {"Content-Type": "application/json", **answer.headers, "Content-Length": len(body)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
