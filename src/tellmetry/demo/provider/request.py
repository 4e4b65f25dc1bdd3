"""One HTTP request as it was received."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """Method, path without the query, headers with small names, and the body's bytes."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The API key, in whichever header the API takes it; empty when there is none."""
        headers = self.headers
        if "authorization" in headers:
            return headers["authorization"].partition(" ")[2]
        return headers.get("x-api-key") or headers.get("api-key") or ""
