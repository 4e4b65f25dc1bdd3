"""Ollama's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

ollama = pytest.importorskip("ollama")

from breadth import Breadth, Client, Mode, many, pytest_generate_tests  # noqa: E402, F401


def build(provider: Any, waits: bool, options: Any) -> Any:
    kind = ollama.AsyncClient if waits else ollama.Client
    return kind(host=provider.at("ollama"), headers={"x-api-key": "test"}, timeout=options.timeout_s)


def messages(ask: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ask}]


class TestOllama(Breadth):
    client = Client(
        ("ollama._client",),
        build,
        {
            "chat": Mode(lambda c, ask: c.chat("llama3.2", messages(ask))),
            "chat stream": Mode(lambda c, ask: c.chat("llama3.2", messages(ask), stream=True), streams=True),
            "generate": Mode(lambda c, ask: c.generate("llama3.2", ask)),
            "generate stream": Mode(lambda c, ask: c.generate("llama3.2", ask, stream=True), streams=True),
            "embed": Mode(lambda c, ask: c.embed("nomic-embed-text", ask)),
        },
        lacks=frozenset(("closed async", "retried", "given up")),
        name="ollama",
    )
