"""Which provider answers at a host: the conventions' names where they have one, the provider's own otherwise."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_SUFFIXES = (
    ("openai.azure.com", "azure.ai.openai"),
    ("services.ai.azure.com", "azure.ai.inference"),
    ("models.ai.azure.com", "azure.ai.inference"),
    ("cognitiveservices.azure.com", "azure.ai.openai"),
    ("api.openai.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    ("api.groq.com", "groq"),
    ("api.deepseek.com", "deepseek"),
    ("api.x.ai", "x_ai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.together.xyz", "together"),
    ("api.together.ai", "together"),
    ("api.fireworks.ai", "fireworks"),
    ("openrouter.ai", "openrouter"),
    ("api.moonshot.ai", "moonshot_ai"),
    ("api.cohere.com", "cohere"),
    ("api.cohere.ai", "cohere"),
    ("api.cerebras.ai", "cerebras"),
    ("api.sambanova.ai", "sambanova"),
    ("api.z.ai", "zai"),
    ("open.bigmodel.cn", "zhipuai"),
    ("api.minimax.io", "minimax"),
    ("api.minimaxi.com", "minimax"),
    ("api.novita.ai", "novita"),
    ("api.voyageai.com", "voyageai"),
    ("inference.baseten.co", "baseten"),
    ("integrate.api.nvidia.com", "nvidia"),
    ("api.deepinfra.com", "deepinfra"),
    ("router.huggingface.co", "huggingface"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("amazonaws.com", "aws.bedrock"),
)


class Host(NamedTuple):
    """Where a client sends its calls."""

    url: str
    address: str | None
    port: int | None
    provider: str | None

    def write_on(self, record: Any) -> None:
        """Write on a record where it was sent."""
        record.server_address, record.server_port, record.api_url = self.address, self.port, self.url


@lru_cache(maxsize=256)
def host(url: str) -> Host:
    """Take a base URL apart; the provider is None for a host that nobody knows."""
    parts = urlsplit(url)
    address = parts.hostname
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return Host(url, address, port, _provider(address or ""))


def _provider(address: str) -> str | None:
    for suffix, provider in _SUFFIXES:
        if address == suffix or address.endswith("." + suffix):
            return provider
    return "gcp.vertex_ai" if address.endswith("-aiplatform.googleapis.com") else None  # a region's
