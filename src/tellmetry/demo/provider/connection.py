"""One client's connection: requests in, replies out, and notice of the client that leaves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from tellmetry.demo.provider.inbox import HttpError, Inbox
from tellmetry.demo.provider.reply import Reply, json_reply
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.sending import Sending, socket_of


class Connection(asyncio.Protocol):
    """Answers one request after the other; what comes meanwhile waits in the inbox."""

    def __init__(self, answer: Callable[[Request], Reply], live: set[Connection]) -> None:
        self._answer = answer
        self._live = live
        self._inbox = Inbox()
        self._sending: Sending | None = None
        self._keeps_alive = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._live.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        """End; a reply still on its way was cut by the client."""
        self._live.discard(self)
        if self._sending is not None:
            self._sending.abandon()

    def data_received(self, data: bytes) -> None:
        """Take bytes in, unless the last reply has been promised already."""
        if self._keeps_alive:
            self._inbox.feed(data)
            self._advance()

    def pause_writing(self) -> None:
        """Wait: the client reads more slowly than we send."""
        if self._sending is not None:
            self._sending.is_paused = True

    def resume_writing(self) -> None:
        """Go on."""
        if self._sending is not None:
            self._sending.is_paused = False
            self._sending.go_on()

    def abort(self) -> None:
        """Hang up on the client at once, even where a forked child holds the socket too."""
        with suppress(OSError):
            socket_of(self._transport).shutdown(socket.SHUT_RDWR)
        self._transport.abort()

    def _advance(self) -> None:
        if self._sending is not None or not self._keeps_alive or self._transport.is_closing():
            return
        try:
            request = self._inbox.next()
        except HttpError as error:
            self._keeps_alive = False
            self._send(json_reply(400, {"error": {"message": str(error)}}))
            return
        if request is not None:
            self._keeps_alive = request.headers.get("connection", "").lower() != "close"
            self._send(self._answer(request))

    def _send(self, reply: Reply) -> None:
        self._sending = Sending(self._transport, reply, self._sent)
        self._sending.go_on()

    def _sent(self) -> None:
        self._sending = None
        if not self._keeps_alive:
            self._transport.write_eof()  # closing with bytes unread would take the reply away from the client
        self._advance()
