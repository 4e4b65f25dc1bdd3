"""Every client of the catalogue: versions, what is recorded, where its calls are seen, what the tests run it against."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from docs.source.table import table

from tellmetry.clients import CATALOGUE
from tellmetry.clients.client import CALLS, Client

_SAYS = """\
# What is recorded

Set `TELLMETRY=on` and whichever of these a program imports is recorded: nothing is imported for it, no version is pinned.
The contract suite runs the oldest and the newest version named here; a version that nobody knows still gives a span, and
one line says what is missing. OpenAI-compatible servers (vLLM, OpenRouter, DeepSeek, xAI, Perplexity, Fireworks, LM Studio,
llama.cpp and others) are recognised by their address or by what they answer. Frameworks never tell tokens or money: those
stand on the model call inside, once. A client that is not here can be [added](../CONTRIBUTING.md), or
[brought by another package](examples/acme).

"""
_NOT_TOLD = """
Not told yet: sessions over a socket (OpenAI's Realtime, Gemini's Live), jobs that a provider works off later (batches,
fine-tuning), Mistral's conversations and OCR, Bedrock's agents, Pinecone over gRPC, Milvus' search and query iterators,
NeMo Guardrails' IORails. Of a Colang 2 configuration the check is told, and not which rail stepped in.
"""


def page() -> str:
    """Give the page."""
    return _SAYS + table(("client", "package", "tested", "recorded", "seen at", "tested against"), _rows()) + _NOT_TOLD


def _rows() -> Iterator[tuple[str, ...]]:
    for row in CATALOGUE:
        client: Client = importlib.import_module(f"tellmetry.clients.{row.name}").CLIENT
        versions = " to ".join(dict.fromkeys((client.tested[0], client.tested[-1])))
        yield client.name, f"`{client.package}`", versions, client.tells, _seen(client), client.proof


def _seen(client: Client) -> str:
    """Name the kind of place where calls are seen: one choke point, or methods and the framework's own hooks."""
    roles = {one.role for one in client.declared}
    if CALLS[0] in roles:
        return "one choke point"
    methods = CALLS[1] in roles
    hooks = client.hooks or "tracer" in roles or not methods
    return " and ".join(("its own hooks",) * bool(hooks) + ("its methods",) * methods)
