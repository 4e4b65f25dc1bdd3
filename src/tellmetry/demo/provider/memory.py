"""Conversations that the server holds for its clients: Anthropic's message threads, OpenAI's previous responses.

The tokens of what is held are input again on every turn, as the real providers count them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

from tellmetry.demo.provider import messages, responses
from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, BadRequestError

_MOST_HELD = 4096
_FIXED = ("system", "tools")


class NotHeldError(ValueError):
    """A conversation that is not, or no longer, held."""

    def __init__(self, status: int, code: str, id_: object) -> None:
        super().__init__(f"nothing is held under {id_}")
        self.status = status
        self.code = code


class _Held(NamedTuple):
    turns: list[Any]
    fixed: dict[str, Any]


class Memory:
    """The newest conversations, by the id of their last reply."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def clear(self) -> None:
        """Forget all of them."""
        self._held.clear()

    def recall(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with the turns that its client left to the server."""
        if endpoint == "messages" and (body.get("thread") or {}).get("type") == "continue":
            held = self._find(body["thread"]["previous_message_id"], 404, "thread_not_found")
            return body | held.fixed | {"messages": [*held.turns, *body["messages"]]}
        if endpoint == "responses" and body.get("previous_response_id"):
            held = self._find(body["previous_response_id"], 400, "previous_response_not_found")
            return body | {"input": [*held.turns, *_input(body)]}
        return body

    def keep(self, ask: Ask, answer: Answer) -> None:
        """Hold the conversation where its client wants that, now with the answer."""
        body = ask.body
        if ask.endpoint == "messages" and body.get("thread"):
            reply = {"role": "assistant", "content": messages.content(answer)}
            fixed = {name: body[name] for name in _FIXED if name in body}
            self._hold(f"msg_{answer.id}", _Held([*body["messages"], reply], fixed))
        elif ask.endpoint == "responses" and body.get("store") is not False:
            output = [item for item, _ in responses.items(answer)]
            self._hold(f"resp_{answer.id}", _Held([*_input(body), *output], {}))

    def _find(self, id_: Any, status: int, code: str) -> _Held:
        held = self._held.get(id_)
        if held is None:
            raise NotHeldError(status, code, id_)
        return held

    def _hold(self, id_: str, held: _Held) -> None:
        self._held[id_] = held
        if len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)


def _input(body: dict[str, Any]) -> list[Any]:
    given = body.get("input") or []
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list):
        raise BadRequestError("input must be a text or a list")
    return given
