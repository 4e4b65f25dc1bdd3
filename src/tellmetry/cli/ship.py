"""`tellmetry ship`: send the stored spans to the OTLP endpoint now."""

from __future__ import annotations

import contextlib
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tellmetry import settings

SHIPPED, TROUBLE, BUSY = 0, 1, 3


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--store", type=Path, metavar="DIR", help="the store to empty (default: TELLMETRY_STORE)")
    parser.epilog = f"Exit codes: {SHIPPED} all was taken; {TROUBLE} not all; {BUSY} another process is sending now."


def run(args: Namespace) -> int:
    """Send everything and say how many spans went."""
    from tellmetry.emit.spool import Spool

    read = settings.read()
    shipping = _Shipping()
    spool = Spool(replace(read, store=args.store or read.store))
    try:
        done = spool.ship(shipping.send)
    except OSError as error:
        settings.complain(f"the store {spool.directory} cannot be sent: {error.strerror}.")
        return TROUBLE
    finally:
        shipping.close()
    return _conclude(done=done, shipping=shipping, store=spool.directory)


def _conclude(*, done: bool, shipping: _Shipping, store: Path) -> int:
    where = f" to {shipping.url}" if shipping.url else ""
    sys.stdout.write(f"{shipping.sent} spans sent{where} from {store}.\n")
    if done:
        return SHIPPED
    if shipping.trouble is None:
        settings.complain(f"another process is sending from {store} now; what it leaves can be sent after it.")
        return BUSY
    settings.complain(f"not all was taken, {shipping.trouble}; the rest stays in {store}. See `tellmetry doctor`.")
    return TROUBLE


class _Shipping:
    """The way to the endpoint, opened with the first spans, and what went over it."""

    def __init__(self) -> None:
        self.sent = 0
        self.url = ""
        self.trouble: Exception | None = None
        self._sender: Any = None

    def send(self, told: list[Any], resource: Mapping[str, Any]) -> bool:
        """Send one batch; False where it has to stay."""
        from tellmetry.emit import otlp
        from tellmetry.emit.trouble import Trouble

        try:
            if self._sender is None:
                self._sender = otlp.sender()
                self.url = self._sender.url
            otlp.deliver(self._sender, told, resource)
        except Trouble as trouble:
            self.trouble = trouble
            return False
        self.sent += len(told)
        return True

    def close(self) -> None:
        """Let go of the endpoint."""
        if self._sender is not None:
            with contextlib.suppress(OSError):
                self._sender.interrupt()
