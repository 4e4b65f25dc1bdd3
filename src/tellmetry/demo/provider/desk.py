"""The front desk: takes a request, finds its endpoint and script, and hands back the reply to be sent."""

from __future__ import annotations

import json
import secrets
from collections import deque
from itertools import count
from urllib.parse import parse_qsl

from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.bill import Bill
from tellmetry.demo.provider.book import Book
from tellmetry.demo.provider.memory import Memory, NotHeldError
from tellmetry.demo.provider.order import Order
from tellmetry.demo.provider.reply import Reply, json_reply
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint, endpoint_of
from tellmetry.demo.provider.script import EMPTY, Script, ScriptError

_FILTERS = {"key", "endpoint", "model"}


class Desk:
    """Answers requests; it knows nothing of sockets."""

    def __init__(self, keep_requests: int = 0) -> None:
        self.bill = Bill()
        self._memory = Memory()
        self.book = Book()
        self.requests: deque[Request] = deque(maxlen=keep_requests)
        self._run = secrets.token_hex(8)
        self._numbers = count(1)

    def answer(self, request: Request) -> Reply:
        """Make the reply to one request."""
        endpoint = endpoint_of(request.path) if request.method == "POST" else None
        if endpoint is None:
            return self._own(request)
        self.requests.append(request)
        return self._serve(request, endpoint)

    def reset(self) -> None:
        """Start a new bill, and forget rules, counts, conversations and kept requests."""
        self.bill.reset()
        self.book.reset()
        self.requests.clear()
        self._memory.clear()

    def _own(self, request: Request) -> Reply:
        """Answer for the provider itself: the bill, and what is not served."""
        match request.method, request.path.rstrip("/"):
            case "GET", "/bill":
                return self._bill(dict(parse_qsl(request.query)))
            case "POST", "/bill/reset":
                self.reset()
                return json_reply(200, self.bill.as_json())
        self.bill.stray()
        message = f"Unknown request URL: {request.method} {request.path}"
        return json_reply(404, {"error": {"message": message, "type": "invalid_request_error"}})

    def _bill(self, asked: dict[str, str]) -> Reply:
        if unknown := asked.keys() - _FILTERS:
            return json_reply(400, {"error": {"message": f"the bill has no {', '.join(sorted(unknown))}"}})
        return json_reply(200, self.bill.as_json(**asked))

    def _serve(self, request: Request, endpoint: Endpoint) -> Reply:
        ask, fault = self._read(request, endpoint)
        charge = self.bill.open(request.key, endpoint.name, ask.model if ask else "")
        number = f"{self._run}{next(self._numbers):08x}"
        order = Order(request, endpoint, number, charge, self._memory)
        if ask is None:
            return order.refuse(fault)
        if not request.key:
            return order.refuse(Script(status=401))
        try:
            return order.fill(ask, self.book.script(ask, request))
        except ScriptError as error:
            return order.refuse(Script(status=400, code="bad_script", message=str(error)))

    def _read(self, request: Request, endpoint: Endpoint) -> tuple[Ask | None, Script]:
        """Read the ask, or say with which fault it is refused unread."""
        try:
            body = self._memory.recall(endpoint.name, json.loads(request.body))
            return endpoint.read(body, request), EMPTY
        except NotHeldError as error:
            return None, Script(status=error.status, code=error.code, message=str(error))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return None, Script(status=400, message=f"cannot read this request: {error!r}")
