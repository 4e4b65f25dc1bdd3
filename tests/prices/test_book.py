"""Which provider and model a call is priced as: as genai-prices says, and by OpenTelemetry's names."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from genai_prices import types as listed
from genai_prices.data import providers
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

from tellmetry import prices
from tellmetry.prices.table import Table

ONE_TOKEN = prices.Usage(input_tokens=1_000_000, output_tokens=1)


def words(clause: Any) -> Iterator[str]:
    """Give every text that a clause is about."""
    for value in vars(clause).values():
        if isinstance(value, str):
            yield value
        else:
            for one in value:
                yield from words(one)


def names(provider: Any) -> Iterator[str]:
    """Give real names of a provider's models, and names nearly like them."""
    dice = random.Random(provider.id)
    real = sorted({word for model in provider.models for word in (model.id, *words(model.match))})
    for name in real if len(real) < 150 else dice.sample(real, 150):
        place = dice.randrange(len(name) + 1)
        yield name
        yield dice.choice([name.upper(), f"{name}-latest", f"us.{name}-v1:0", f"{name}@20260101", f"x/{name}"])
        yield dice.choice([f"{name}-20251211", f"{name}-2025-12-11", f"{name}-20251399", f"{name}-20260230:free"])
        yield dice.choice([name[:place] + name[place + 1 :], name[:place] + "-" + name[place:], name[:-1], f" {name}"])


def test_names_resolve_as_in_genai_prices(table: Table) -> None:
    """Find for thousands of names, real and mutated, the very model that genai-prices finds, or none."""
    tried = found = 0
    for provider in providers:
        for name in names(provider):
            want = provider.find_model(name, all_providers=providers)
            got = table.model(table.providers[provider.id], name.lower())
            assert (got and got[0].id) == (want and want.id), (provider.id, name)
            if got and want:
                assert got[1] == any(want is model for model in provider.models)
            tried, found = tried + 1, found + (got is not None)
    assert tried > 5000
    assert 1000 < found < tried


def test_azure_model_names_resolve_through_its_fallbacks(table: Table) -> None:
    """Try every model of the providers that Azure resells."""
    azure = next(one for one in providers if one.id == "azure")
    borrowed = 0
    for other in (one for one in providers if one.id in (azure.fallback_model_providers or ())):
        for model in other.models:
            want = azure.find_model(model.id, all_providers=providers)
            got = table.model(table.providers["azure"], model.id.lower())
            assert (got and got[0].id) == (want and want.id), model.id
            borrowed += got is not None and not got[1]
    assert borrowed > 50


@pytest.mark.parametrize("name", ["openai", "OpenAI ", "anthropic", "bedrock", "amazon", "vertex_ai", "xai", "mistralai",
    "copilot", "voyage", "huggingface/novita", "together_ai", "groq", "nobody", "", "meta", "metal"])  # fmt: skip
def test_provider_names_resolve_as_in_genai_prices(table: Table, name: str) -> None:
    want, got = find_provider_by_id(providers, name), table.provider(name.lower().strip())
    assert (got and got.id) == (want and want.id)


URLS = [
    "https://api.openai.com/v1", "https://api.openai.com", "http://api.openai.com/v1", "https://api.openai.community/v1",
    "https://api.anthropic.com/v1/messages", "https://acme.openai.azure.com/openai/deployments/x",
    "acme.services.ai.azure.com", "https://bedrock-runtime.eu-west-1.amazonaws.com", "https://api.deepseek.com/v1",
    "https://bedrock-runtime.eu-west-1.amazonaws.com.evil.example", "https://generativelanguage.googleapis.com/v1beta",
    "https://us-central1-aiplatform.googleapis.com", "https://googleapis.com", "https://openrouter.ai/api/v1",
    "https://api.openrouter.ai/api/v1", "https://api.groq.com/openai/v1", "https://api.x.ai/v1", "https://api.z.ai/v4",
    "https://router.huggingface.co/novita/v3/openai", "https://router.huggingface.co/v1", "https://api.minimaxi.com/v1",
    "https://acme.cloud.databricks.com/serving-endpoints/x", "https://api.cloudflare.com/client/v4/accounts/1/ai/run",
    "https://acme--app.modal.run/v1", "http://127.0.0.1:8000/v1", "", "https://api.us.elevenlabs.io", "https://",
    "https://api.eu.residency.elevenlabs.io/v1", "https://api.cohere.ai", "https://api.cohere.com/v2", "https://api.moonshot.ai",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_addresses_resolve_as_in_genai_prices(table: Table, url: str) -> None:
    try:
        want = get_snapshot().find_provider(None, None, url).id
    except LookupError:
        want = None
    got = table.serving(url)
    assert (got and got.id) == want


def test_every_provider_begins_its_addresses_as_its_pattern_does(table: Table) -> None:
    """The text that saves a regular expression must be one that the pattern can't do without."""
    heads = [one for one in table.providers.values() if one.head]
    assert len(heads) > 30
    for one in heads:
        assert one.api.replace("\\", "").startswith(one.head)
        assert one.api.replace("\\", "")[len(one.head) :][:1] not in ("?", "*", "{")


def source(provider: str, *models: str | None, **asked: Any) -> str | None:
    cost = prices.quote(provider, models, ONE_TOKEN, **asked)
    return None if cost is None else f"{cost.usd:.4f}"


def at_list(provider: str, model: str) -> str:
    from genai_prices import calc_price

    found = calc_price(listed.Usage(**ONE_TOKEN), model, provider_id=provider)
    return f"{float(found.total_price):.4f}"


@pytest.mark.parametrize(
    ("name", "model", "as_provider", "as_model"),
    [
        ("openai", "gpt-4o", "openai", "gpt-4o"),
        ("anthropic", "claude-sonnet-4-5-20250929", "anthropic", "claude-sonnet-4-5"),
        ("azure.ai.openai", "gpt-4.1-2025-04-14", "openai", "gpt-4.1"),
        ("azure.ai.inference", "deepseek-chat", "deepseek", "deepseek-chat"),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        (
            "aws.bedrock",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("gcp.gemini", "gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("gcp.gen_ai", "models/gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("gcp.vertex_ai", "publishers/google/models/gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("gcp.vertex_ai", "claude-sonnet-4-5@20250929", "google", "claude-sonnet-4-5@20250929"),
        ("mistral_ai", "mistral-large-latest", "mistral", "mistral-large-latest"),
        ("x_ai", "grok-4", "x-ai", "grok-4"),
        ("groq", "llama-3.3-70b-versatile", "groq", "llama-3.3-70b-versatile"),
        ("deepseek", "deepseek-chat", "deepseek", "deepseek-chat"),
        ("perplexity", "sonar", "perplexity", "sonar"),
        ("cohere", "command-a-03-2025", "cohere", "command-a"),
        ("moonshot_ai", "kimi-k2-0905-preview", "moonshotai", "kimi-k2-0905-preview"),
        ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("fireworks", "accounts/fireworks/models/deepseek-r1-0528", "fireworks", "accounts/fireworks/models/deepseek-r1-0528"),
        ("openrouter", "openai/gpt-4o", "openrouter", "openai/gpt-4o"),
        ("litellm", "openai/gpt-4o", "openai", "gpt-4o"),
        ("litellm", "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("litellm", "azure/gpt-4o", "azure", "gpt-4o"),
        ("litellm", "gpt-4o", "openai", "gpt-4o"),
    ],
)  # fmt: skip
def test_opentelemetry_and_litellm_names(name: str, model: str, as_provider: str, as_model: str) -> None:
    assert source(name, model) == at_list(as_provider, as_model)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openai", "gpt-nonesuch"),
        ("openai", "ft:gpt-4.1-mini-2025-04-14:acme::x"),  # fine-tuned costs more than its base: no guessing
        ("ollama", "llama3"),
        ("vllm", "claude-like"),
        ("ibm.watsonx.ai", "granite"),
        ("litellm", "ollama/gemini-clone"),
        ("litellm", "nobody/claude-sonnet-4-5"),
        ("", "gpt-4o"),
        ("openai", ""),
    ],
)
def test_what_is_not_listed_is_unpriced(name: str, model: str) -> None:
    assert source(name, model) is None


def test_the_answers_model_comes_before_the_requests() -> None:
    """An Azure deployment's name says nothing; the answer names the model, the request is the last resort."""
    assert source("azure.ai.openai", "gpt-4o-2024-08-06", "my-deployment") == at_list("openai", "gpt-4o")
    assert source("azure.ai.openai", "mystery", "gpt-4o") == at_list("openai", "gpt-4o")
    assert source("azure.ai.openai", None, "gpt-4o") == at_list("openai", "gpt-4o")
    assert source("azure.ai.openai", None, "my-deployment") is None


def test_an_address_counts_for_more_than_a_name() -> None:
    """An openai client that talks to DeepSeek pays DeepSeek's prices; one behind a gateway pays its provider's."""
    assert source("openai", "deepseek-chat", api_url="https://api.deepseek.com/v1") == at_list(
        "deepseek", "deepseek-chat"
    )
    assert source("openai", "gpt-4o", api_url="https://gateway.example/v1") == at_list("openai", "gpt-4o")
    assert source("openai", "gpt-4o", api_url="https://api.openai.com/v1") == at_list("openai", "gpt-4o")
    assert source("unknown", "llama-3.3-70b-versatile", api_url="https://api.groq.com/openai/v1") == at_list(
        "groq", "llama-3.3-70b-versatile"
    )


def test_a_resold_model_keeps_the_standard_price() -> None:
    """OpenAI's flex price is OpenAI's; on Azure the same model has none that the list knows."""
    assert source("openai", "gpt-5", service_tier="flex") != source("openai", "gpt-5")
    assert source("azure.ai.openai", "gpt-5", service_tier="flex") == source("azure.ai.openai", "gpt-5")


def test_other_context_selects_a_price() -> None:
    slow = source("anthropic", "claude-opus-5")
    assert source("anthropic", "claude-opus-5", context=(("speed", "fast"),)) == f"{2 * float(slow or 0):.4f}"


def test_what_was_found_is_bounded_and_remembered(table: Table) -> None:
    """Keep a thousand combinations, misses too, and forget the oldest."""
    assert prices.quote("openai", ("gpt-4o",), ONE_TOKEN)
    for number in range(1500):
        assert prices.quote("openai", (f"m{number}",), ONE_TOKEN) is None
    book = prices._book
    assert book is not None
    assert book.rates.cache_info().currsize == 1000
    assert book.rates("openai", ("gpt-4o",), None, ()) is book.rates("openai", ("gpt-4o",), None, ())
