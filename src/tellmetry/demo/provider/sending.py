"""One reply being sent: step by step, with its pauses, never faster than the client reads."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

from tellmetry.demo.provider.reply import Drop, Reply

_FLUSH_BYTES = 64 * 1024
_LINGER_ZERO = struct.pack("ii", 1, 0)


class Sending:
    """Sends a reply; its meter hears of the first byte, of the end, or that the client left."""

    def __init__(self, transport: asyncio.Transport, reply: Reply, sent: Callable[[], None]) -> None:
        self._transport = transport
        self._steps = reply.steps
        self._meter = reply.meter
        self._drop = reply.drop
        self._sent = sent
        self._next = 0
        self._flushed = 0
        self._timer: asyncio.TimerHandle | None = None
        self._has_waited = False
        self.is_paused = False

    def go_on(self) -> None:
        """Send as far as the next pause, or to the end."""
        if self.is_paused or self._timer is not None:
            return
        out = bytearray()
        for step in self._steps[self._next :]:
            if step.wait_s and not self._has_waited:
                self._flush(out)
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(step.wait_s, self._wake)
                return
            if self._next == 0 and self._meter is not None:
                self._meter.begin()
            self._has_waited = False
            self._next += 1
            out += step.data
            if len(out) >= _FLUSH_BYTES and self._next < len(self._steps):
                self._flush(out)
                if self.is_paused:
                    return
        self._end(out)

    def abandon(self) -> None:
        """Stop: the client left."""
        if self._timer is not None:
            self._timer.cancel()
        if self._meter is not None:
            self._meter.lost(*self._progress())

    def _wake(self) -> None:
        self._timer = None
        self._has_waited = True
        self.go_on()

    def _flush(self, out: bytearray) -> None:
        self._flushed = self._next
        if out:
            self._transport.write(bytes(out))
            out.clear()

    def _end(self, out: bytearray) -> None:
        """Close the account before the last byte leaves, so that a client that has it all finds it billed."""
        self._flushed = self._next
        if self._meter is not None:
            self._meter.end(*self._progress())
        self._transport.write(bytes(out))
        if self._drop is not None:
            hang_up(self._transport, self._drop)
        self._sent()

    def _progress(self) -> tuple[int, int]:
        if self._flushed == 0:
            return 0, 0
        step = self._steps[self._flushed - 1]
        return step.chunks, step.chars


def socket_of(transport: asyncio.Transport) -> socket.socket:
    """Return the transport's socket."""
    found: socket.socket = transport.get_extra_info("socket")
    return found


def hang_up(transport: asyncio.Transport, how: Drop) -> None:
    """Drop a connection; `close` sends the end to the client even where a fork holds the socket too."""
    if how == "reset":
        socket_of(transport).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        transport.abort()
    else:
        transport.write_eof()
        transport.close()
