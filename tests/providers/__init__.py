"""The demo's loopback provider, taught the other wire formats: one prefix in the path for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes

from providers import bedrock, cohere, gemini, hub, ollama, openai_like

from tellmetry.demo.provider.desk import Desk
from tellmetry.demo.provider.reply import Reply
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint, endpoint_of
from tellmetry.demo.provider.server import Provider

FORMATS: dict[str, Callable[[str], Endpoint | None]] = {
    "gemini": gemini.endpoint,
    "cohere": cohere.endpoint,
    "ollama": ollama.endpoint,
    "bedrock": bedrock.endpoint,
    "hub": hub.endpoint,
    "groq": openai_like.groq,
    "telling": openai_like.telling,
    "openai": openai_like.media,
    **{server: openai_like.own(server) for server in ("vllm", "lm_studio", "llama_cpp")},
}


class Front(Desk):
    """A front desk that knows more formats, and forms beside JSON."""

    def answer(self, request: Request) -> Reply:
        prefix, _, rest = request.path.lstrip("/").partition("/")
        found = FORMATS[prefix](rest) if prefix in FORMATS else None
        endpoint = found or endpoint_of(request.path)
        if endpoint is None or request.method != "POST":
            return self._own(request)
        self.requests.append(request)
        reply = self._serve(_as_json(request), endpoint)
        return hub.error(reply) if endpoint.name == "generate" else reply


class Many(Provider):
    """A provider of every format."""

    def __init__(self) -> None:
        super().__init__(keep_requests=1000)
        self._desk = Front(1000)

    def at(self, prefix: str) -> str:
        """Give the base URL of one format."""
        return f"{self.url}/{prefix}"


def _as_json(request: Request) -> Request:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return request
    form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.body)
    told = {}
    for part in form.get_payload():
        name = part.get_param("name", header="content-disposition")
        told[name] = len(part.get_payload(decode=True)) if part.get_filename() else part.get_payload().strip()
    return replace(request, body=json.dumps(told).encode())
