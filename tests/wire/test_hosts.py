"""A base URL says who answers; a host that nobody knows says nothing."""

from __future__ import annotations

import pytest

from tellmetry.wire.hosts import host


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1/", "openai"),
        ("https://x.openai.azure.com/openai/", "azure.ai.openai"),
        ("https://x.cognitiveservices.azure.com/", "azure.ai.openai"),
        ("https://x.services.ai.azure.com/models", "azure.ai.inference"),
        ("https://api.anthropic.com", "anthropic"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://us-east5-aiplatform.googleapis.com/v1", "gcp.vertex_ai"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gcp.gemini"),
        ("https://bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://notopenrouter.ai/api/v1", None),
        ("http://localhost:8000/v1", None),
        ("http://[::1]:8000/v1", None),
    ],
)
def test_who_answers(url: str, provider: str | None) -> None:
    assert host(url).provider == provider


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("https://api.openai.com/v1", "api.openai.com", 443),
        ("http://LOCALHOST:8000/v1", "localhost", 8000),
        ("http://[::1]/v1", "::1", 80),
        ("https://user:secret@proxy.example/v1", "proxy.example", 443),
        ("", None, None),
    ],
)
def test_where_it_is(url: str, address: str | None, port: int | None) -> None:
    found = host(url)
    assert (found.address, found.port) == (address, port)
