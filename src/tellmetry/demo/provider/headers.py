"""The headers of a reply, named and shaped as each provider does."""

from __future__ import annotations

import time
from http import HTTPStatus

from tellmetry.demo.provider.faults import Family
from tellmetry.demo.provider.script import Script

_LIMIT_REQUESTS = 10_000
_LIMIT_TOKENS = 2_000_000
_TOO_MANY = 429
_ID: dict[Family, str] = {"openai": "x-request-id", "anthropic": "request-id"}
_FIXED: dict[Family, dict[str, str]] = {
    "openai": {"openai-version": "2020-10-01", "openai-organization": "loopback"},
    "anthropic": {"anthropic-organization-id": "00000000-0000-4000-8000-000000000000"},
}
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def head(family: Family, status: int, kind: str, request_id: str, more: dict[str, str]) -> bytes:
    """Write the status line and the headers, up to the one that says how long the body is."""
    headers = {"content-type": kind, _ID[family]: request_id} | _FIXED[family] | more
    return start(status, headers)


def start(status: int, headers: dict[str, str]) -> bytes:
    """Write a status line with headers, still without the empty line that ends them."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, ""]).encode("latin-1")


def limits(family: Family, script: Script, used_tokens: int) -> dict[str, str]:
    """Name what is left of the rate limits; after a 429 that is nothing."""
    spent = script.status == _TOO_MANY
    requests, left = script.remaining_requests, script.remaining_tokens
    if requests is None:
        requests = 0 if spent else _LIMIT_REQUESTS - 1
    if left is None:
        left = 0 if spent else max(0, _LIMIT_TOKENS - used_tokens)
    if family == "anthropic":
        return _anthropic(requests, left)
    return {"openai-processing-ms": f"{1 + (script.slow or 0.0) * 1000:.0f}"} | _openai(requests, left)


def _openai(requests: int, left: int) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(_LIMIT_REQUESTS),
        "x-ratelimit-limit-tokens": str(_LIMIT_TOKENS),
        "x-ratelimit-remaining-requests": str(requests),
        "x-ratelimit-remaining-tokens": str(left),
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-reset-tokens": "12ms",
    }


def _anthropic(requests: int, left: int) -> dict[str, str]:
    reset = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    told = {}
    for name, limit, remaining in (
        ("requests", _LIMIT_REQUESTS, requests),
        ("tokens", _LIMIT_TOKENS, left),
        ("input-tokens", _LIMIT_TOKENS, left),
        ("output-tokens", _LIMIT_TOKENS, left),
    ):
        told[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        told[f"anthropic-ratelimit-{name}-remaining"] = str(remaining)
        told[f"anthropic-ratelimit-{name}-reset"] = reset
    return told
