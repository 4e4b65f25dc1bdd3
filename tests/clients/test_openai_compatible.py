"""OpenAI's client pointed at other providers by its base URL: their name, and their price."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from driving import App
from recording import Recording

CASES = [  # base URL, provider, model, dollars for a thousand tokens in and a hundred out
    ("https://api.openai.com/v1", "openai", "gpt-4o-mini", (1000 * 0.15 + 100 * 0.60) / 1e6),
    ("https://openrouter.ai/api/v1", "openrouter", "openai/gpt-4o", (1000 * 2.50 + 100 * 10) / 1e6),
    ("https://api.deepseek.com", "deepseek", "deepseek-chat", (1000 * 0.27 + 100 * 1.10) / 1e6),
    ("https://api.x.ai/v1", "x_ai", "grok-4", (1000 * 3 + 100 * 15) / 1e6),
    ("https://api.perplexity.ai", "perplexity", "sonar-pro", (1000 * 3 + 100 * 15) / 1e6 + 14 / 1000),
    ("https://api.groq.com/openai/v1", "groq", "llama-3.3-70b-versatile", (1000 * 0.59 + 100 * 0.79) / 1e6),
    (
        "https://api.fireworks.ai/inference/v1", "fireworks", "accounts/fireworks/models/gpt-oss-120b",
        (1000 * 0.15 + 100 * 0.60) / 1e6,
    ),
    ("https://api.mistral.ai/v1", "mistral_ai", "mistral-small-latest", (1000 * 0.15 + 100 * 0.60) / 1e6),
    (
        "https://api.together.xyz/v1", "together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", 1100 * 0.88 / 1e6,
    ),
    (
        "https://generativelanguage.googleapis.com/v1beta/openai", "gcp.gemini", "gemini-2.5-flash",
        (1000 * 0.30 + 100 * 2.50) / 1e6,
    ),
    ("https://api.moonshot.ai/v1", "moonshot_ai", "kimi-k2-0905-preview", (1000 * 0.60 + 100 * 2.50) / 1e6),
    ("https://api.cerebras.ai/v1", "cerebras", "gpt-oss-120b", (1000 * 0.35 + 100 * 0.75) / 1e6),
    ("https://api.z.ai/api/paas/v4", "zai", "glm-4.6", (1000 * 0.60 + 100 * 2.20) / 1e6),
    ("https://integrate.api.nvidia.com/v1", "nvidia", "nvidia/llama-3.3-nemotron-super-49b-v1", None),
    ("http://localhost:8000/v1", "openai", "Qwen/Qwen3-8B", None),
]  # fmt: skip

NOON_NS = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 10**9  # some prices are lower at night


def client(base_url: str, provider: Any) -> Any:
    """Build a client whose connections all end at the loopback provider, whatever its base URL says."""
    openai = importlib.import_module("openai")
    http = importlib.import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    at = urlsplit(provider.url)

    class Here(http.HTTPTransport):
        def handle_request(self, request: Any) -> Any:
            request.url = request.url.copy_with(scheme="http", host=at.hostname, port=at.port)
            return super().handle_request(request)

    return openai.OpenAI(base_url=base_url, api_key="sk-test", http_client=http.Client(transport=Here()))


@pytest.mark.parametrize(("base_url", "named", "model", "usd"), CASES, ids=[case[0] for case in CASES])
def test_named_and_priced(
    base_url: str, named: str, model: str, usd: float | None, app: App, arm: Callable[[], Recording],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tellmetry.engine.call.time.time_ns", lambda: NOON_NS)
    recorded = arm()
    ask = [{"role": "user", "content": "[[usage input=1000 output=100]] How are you?"}]
    client(base_url, app.provider).chat.completions.create(model=model, messages=ask)
    call = recorded.call
    assert (call.provider, call.server_address, call.model) == (named, urlsplit(base_url).hostname, model)
    assert call.cost_usd == (None if usd is None else pytest.approx(usd))
    assert call.cost_source == ("unpriced" if usd is None else call.cost_source)


@pytest.mark.parametrize("server", ["vllm", "lm_studio", "llama_cpp"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_server_of_ones_own(server: str, stream: bool, app: App, arm: Callable[[], Recording]) -> None:
    """Behind an address that says nothing, what a server writes beside its answer says what it is."""
    openai = importlib.import_module("openai")
    recorded = arm()
    made = openai.OpenAI(base_url=app.provider.at(f"{server}/v1"), api_key="sk-test")
    ask = [{"role": "user", "content": "How are you?"}]
    answer = made.chat.completions.create(model="qwen3", messages=ask, stream=stream)
    assert [*answer]
    assert (recorded.call.provider, recorded.call.cost_source) == (server, "unpriced")
