"""Paths and who serves them."""

import pytest

from tellmetry.demo.provider.routes import endpoint_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/chat/completions", "chat"),
        ("/openai/v1/chat/completions", "chat"),
        ("/api/v1/chat/completions/", "chat"),
        ("/openai/deployments/my-gpt/chat/completions", "chat"),
        ("/chat/completions", "chat"),
        ("/v1/completions", "completions"),
        ("/openai/deployments/my-gpt/completions", "completions"),
        ("/v1/responses", "responses"),
        ("/openai/deployments/my-gpt/embeddings", "embeddings"),
        ("/v1/moderations", "moderations"),
        ("/v1/messages", "messages"),
        ("/anthropic/v1/messages/count_tokens", "count_tokens"),
    ],
)
def test_served(path, name):
    assert endpoint_of(path).name == name


@pytest.mark.parametrize("path", ["/", "/v1/models", "/v1/chat", "/v1/messages/batches", "/v1/responses/resp_1"])
def test_not_served(path):
    assert endpoint_of(path) is None
