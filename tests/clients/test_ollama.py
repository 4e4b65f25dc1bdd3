"""Ollama's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

ollama = pytest.importorskip("ollama")

import httpx  # noqa: E402

from canaries import KEY, canary, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402


def build(provider: Many, waits: bool, options: Options) -> Any:
    kind = ollama.AsyncClient if waits else ollama.Client
    return kind(host=provider.at("ollama"), headers={"x-api-key": KEY}, timeout=httpx.Timeout(10, read=options.timeout_s))


def messages(ask: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ask}]


PRIVATE = (
    Mode(
        lambda c, ask: c.chat(
            "llama3.2",
            [
                {"role": "system", "content": canary("system")},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"function": {"name": "lookup", "arguments": {"sku": canary("arguments")}}}
                ]},
                {"role": "tool", "content": canary("result")},
                {"role": "user", "content": ask},
            ],
            tools=tools(),
        )
    ),
)  # fmt: skip


class TestOllama(Contract):
    subject = Subject(
        ("ollama._client",),
        build,
        {
            "chat": Mode(lambda c, ask: c.chat("llama3.2", messages(ask))),
            "chat stream": Mode(lambda c, ask: c.chat("llama3.2", messages(ask), stream=True), streams=True),
            "generate": Mode(lambda c, ask: c.generate("llama3.2", ask)),
            "generate stream": Mode(lambda c, ask: c.generate("llama3.2", ask, stream=True), streams=True),
            "embed": Mode(lambda c, ask: c.embed("nomic-embed-text", ask)),
        },
        lacks=frozenset(("retried", "given up", "status")),
        dropped="closed",
        name="ollama",
        private=PRIVATE,
        alike=("generate", "generate stream", "embed"),
    )
