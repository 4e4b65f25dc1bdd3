"""Beside other people's instrumentations, in either order of arming: the app works, and we count what was billed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

openai = pytest.importorskip("openai")
pytest.importorskip("openinference.instrumentation.openai")

from recording import recording  # noqa: E402
from tracing import app_provider  # noqa: E402

import tellmetry  # noqa: E402
from tellmetry.demo.account import Account, billed  # noqa: E402
from tellmetry.demo.account import recorded as told  # noqa: E402
from tellmetry.demo.provider import Provider  # noqa: E402
from tellmetry.emit import spans  # noqa: E402

OTHERS = ("opentelemetry.instrumentation.openai", "openinference.instrumentation.openai", "opentelemetry.instrumentation.genai.openai")


class Other:
    """Somebody else's instrumentation."""

    def __init__(self, module: str) -> None:
        self._made = importlib.import_module(module).OpenAIInstrumentor()

    def __enter__(self) -> None:
        self._made.instrument()

    def __exit__(self, *error: object) -> None:
        self._made.uninstrument()


def use(provider: Provider) -> None:
    """Ask, stream to the end, embed, use the other API, be refused."""
    client = openai.OpenAI(base_url=provider.openai_url, api_key="sk-test", max_retries=0)
    said: Any = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "How are you?"}]}
    assert client.chat.completions.create(**said).choices[0].message.content
    streamed = client.chat.completions.create(**said, stream=True, stream_options={"include_usage": True})
    assert len(list(streamed)) > 1
    assert client.embeddings.create(model="text-embedding-3-small", input="How are you?").data
    assert client.responses.create(model="gpt-4o-mini", input="How are you?").output_text
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(**{**said, "messages": [{"role": "user", "content": "[[status=400]]"}]})


def fair(provider: Provider, recorded: Any) -> None:
    assert list(Account(billed(provider.bill), told(map(spans.finished, recorded))).differences()) == []
    assert len(recorded.calls) == 5


@pytest.mark.parametrize("first", ["ours first", "theirs first"])
@pytest.mark.parametrize("module", OTHERS)
def test_counted_once(module: str, first: str, provider: Provider, tmp_path: Path) -> None:
    ours, theirs = recording(tmp_path), Other(module)
    if first == "ours first":
        with ours as recorded, theirs:
            use(provider)
    else:
        with theirs, ours as recorded:
            use(provider)
    fair(provider, recorded)


@pytest.mark.parametrize("module", OTHERS)
def test_both_tell_the_same_provider(module: str, provider: Provider, tmp_path: Path) -> None:
    """Where the app has a provider of its own both write to it: one span each a call, in one tree."""
    with app_provider() as seen, recording(tmp_path), Other(module):
        use(provider)
        assert len(seen.calls) == 5
        assert {span.attributes["tellmetry.client"] for span in seen.calls} == {"openai"}


def test_twice_ourselves(provider: Provider, tmp_path: Path) -> None:
    with recording(tmp_path) as recorded:
        tellmetry.enable("local")
        use(provider)
    fair(provider, recorded)
