"""Anthropic's client, direct and through Bedrock, Vertex or Foundry."""

from __future__ import annotations

from tellmetry.clients import stainless
from tellmetry.clients.client import Client, Place
from tellmetry.engine import native
from tellmetry.wire import messages


def _provider(client: type) -> str:
    kind = client.__name__
    if "Bedrock" in kind:
        return "aws.bedrock"
    return "gcp.vertex_ai" if "Vertex" in kind else "anthropic"


CLIENT = Client(
    name="anthropic",
    package="anthropic",
    tested=("0.125.0", "1.17.0", "2.13.0"),
    places=(
        *stainless.places("anthropic", "anthropic._base_client", {"/v1/messages": messages}, _provider),
        Place("anthropic._base_client", "start_api_call_span", native.silent, "native spans silenced"),  # since 1.17
    ),
)
