"""Acme's chat, sync and async; whole answers are dicts, streams are generators of dicts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

_PATH = "/chat/completions"


class AcmeError(Exception):
    """An answer that is none."""

    def __init__(self, status_code: int | None) -> None:
        super().__init__(f"Acme answered {status_code}")
        self.status_code = status_code


def _checked(status_code: int) -> None:
    if status_code >= 400:
        raise AcmeError(status_code)


def _chunk(line: str) -> Any:
    if not line.startswith("data: ") or line == "data: [DONE]":
        return None
    told = json.loads(line.removeprefix("data: "))
    if "error" in told:
        raise AcmeError(None)
    return told


class Chat:
    """The sync client."""

    def __init__(self, base_url: str, api_key: str, timeout: float) -> None:
        self.base_url = base_url
        self._http = httpx.Client(base_url=base_url, timeout=timeout, headers={"authorization": f"Bearer {api_key}"})

    def create(self, *, stream: bool = False, **body: Any) -> Any:
        """Ask, for a whole answer or a stream."""
        if stream:
            return self._chunks({**body, "stream": True})
        answer = self._http.post(_PATH, json=body)
        _checked(answer.status_code)
        return answer.json()

    def _chunks(self, body: dict[str, Any]) -> Iterator[Any]:
        with self._http.stream("POST", _PATH, json=body) as answer:
            _checked(answer.status_code)
            yield from filter(None, map(_chunk, answer.iter_lines()))


class AsyncChat:
    """The async client."""

    def __init__(self, base_url: str, api_key: str, timeout: float) -> None:
        self.base_url = base_url
        self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout, headers={"authorization": f"Bearer {api_key}"})

    async def create(self, *, stream: bool = False, **body: Any) -> Any:
        """Ask, for a whole answer or a stream."""
        if stream:
            return self._chunks({**body, "stream": True})
        answer = await self._http.post(_PATH, json=body)
        _checked(answer.status_code)
        return answer.json()

    async def _chunks(self, body: dict[str, Any]) -> AsyncIterator[Any]:
        async with self._http.stream("POST", _PATH, json=body) as answer:
            _checked(answer.status_code)
            async for line in answer.aiter_lines():
                chunk = _chunk(line)
                if chunk is not None:
                    yield chunk
