"""The provider as a server on the loopback interface, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self, TypedDict, Unpack

from tellmetry.demo.provider.bill import Bill
from tellmetry.demo.provider.book import Rule
from tellmetry.demo.provider.connection import Connection
from tellmetry.demo.provider.desk import Desk
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import bare, groups

HOST = "127.0.0.1"
_BACKLOG = 1024


class Match(TypedDict, total=False):
    """What a request must have for a rule to hold: its endpoint, model, key, or words in its prompt."""

    endpoint: str
    model: str
    key: str
    contains: str
    uses: int


class Provider:
    """A loopback LLM provider: `with Provider() as p:` serves at `p.url` and keeps `p.bill`."""

    def __init__(self, port: int = 0, *, keep_requests: int = 0) -> None:
        self._desk = Desk(keep_requests)
        self._port = port
        self._live: set[Connection] = set()
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        """Serve until the block is left."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.stop()

    def start(self) -> Self:
        """Listen, and serve from a thread."""
        self._socket = socket.create_server((HOST, self._port), backlog=_BACKLOG)
        self._port = self._socket.getsockname()[1]
        serving = self._loop.create_server(self._connection, sock=self._socket, backlog=_BACKLOG)
        self._server = self._loop.run_until_complete(serving)
        self._thread = Thread(target=self._loop.run_forever, name="provider", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Hang up on every client, stop the thread and free the port."""
        self._loop.call_soon_threadsafe(self._close)
        self._thread.join()
        self._loop.close()

    def _connection(self) -> Connection:
        return Connection(self._desk.answer, self._live)

    def _close(self) -> None:
        with suppress(OSError):  # the child has shut it down
            self._socket.shutdown(socket.SHUT_RDWR)  # a forked child may hold the socket open
        self._server.close()
        for connection in list(self._live):
            connection.abort()
        self._loop.call_soon(self._loop.stop)

    @property
    def url(self) -> str:
        """Where it serves; Anthropic's clients take this as their base URL."""
        return f"http://{HOST}:{self._port}"

    @property
    def openai_url(self) -> str:
        """The base URL for OpenAI's clients."""
        return f"{self.url}/v1"

    @property
    def bill(self) -> Bill:
        """What would be charged so far."""
        return self._desk.bill

    @property
    def requests(self) -> deque[Request]:
        """The last requests, as many as `keep_requests` said."""
        return self._desk.requests

    def script(self, directive: str, **match: Unpack[Match]) -> Rule:
        """Let a directive hold for every request that matches, or for the next `uses` of them."""
        rule = Rule(groups(bare(directive)), **match)
        self._desk.book.add(rule)
        return rule

    def unscript(self, rule: Rule) -> None:
        """Take a rule away again."""
        self._desk.book.remove(rule)

    def reset(self) -> None:
        """Start a new bill without rules, counts and kept requests."""
        self._desk.reset()
