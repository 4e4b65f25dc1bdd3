"""One provider and one client of each kind for all tests here; every test ends with a bill that adds up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anthropic import Anthropic
from openai import OpenAI

from tellmetry.demo.provider import Provider

OPENAI_KEY = "sk-openai"
ANTHROPIC_KEY = "sk-anthropic"


@pytest.fixture(scope="session")
def _running() -> Iterator[Provider]:
    with Provider(keep_requests=100) as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider) -> Iterator[Provider]:
    _running.reset()
    yield _running
    assert _running.bill.settled(), "a request was never ended"
    total = _running.bill.total()
    assert total.received == total.answered + sum(total.failed.values())
    unanswered_cuts = total.failed["gone"]
    assert sum(tally.calls for tally in total.sections.values()) <= total.answered + unanswered_cuts
    assert _running.bill.strays == 0


@pytest.fixture(scope="session")
def _openai(_running: Provider) -> OpenAI:
    return OpenAI(base_url=_running.openai_url, api_key=OPENAI_KEY)


@pytest.fixture(scope="session")
def _anthropic(_running: Provider) -> Anthropic:
    return Anthropic(base_url=_running.url, api_key=ANTHROPIC_KEY)


@pytest.fixture
def openai(provider: Provider, _openai: OpenAI) -> OpenAI:
    return _openai


@pytest.fixture
def anthropic(provider: Provider, _anthropic: Anthropic) -> Anthropic:
    return _anthropic
