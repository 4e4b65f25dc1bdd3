"""Cohere's client keeps the contract."""

from __future__ import annotations

from typing import Any

import pytest

cohere = pytest.importorskip("cohere")

import httpx  # noqa: E402

from canaries import KEY, canary, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402


def build(provider: Many, waits: bool, options: Options) -> Any:
    kind = cohere.AsyncClientV2 if waits else cohere.ClientV2
    client = kind(api_key=KEY, base_url=provider.at("cohere"), timeout=httpx.Timeout(10, read=options.timeout_s))
    return Retrying(client, options.retries)


class Retrying:
    """A client with its request options."""

    def __init__(self, client: Any, retries: int) -> None:
        self.client = client
        self.options = {"max_retries": retries}


def chat(c: Any, ask: str) -> dict[str, Any]:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ask}]
    return {"model": "command-a-03-2025", "messages": messages, "request_options": c.options}


PRIVATE = (
    Mode(
        lambda c, ask: c.client.chat(
            model="command-a-03-2025", messages=conversation(ask), tools=tools(), documents=[canary("document")],
            request_options={**c.options, "additional_headers": {"x-tenant": canary("header")}},
        )
    ),
)  # fmt: skip


class TestCohere(Contract):
    subject = Subject(
        ("cohere.v2.client",),
        build,
        {
            "chat": Mode(lambda c, ask: c.client.chat(**chat(c, ask))),
            "chat stream": Mode(lambda c, ask: c.client.chat_stream(**chat(c, ask)), streams=True),
            "embed": Mode(
                lambda c, ask: c.client.embed(
                    model="embed-v4.0", input_type="search_query", embedding_types=["float"], texts=[ask],
                    request_options=c.options,
                )
            ),
            "rerank": Mode(
                lambda c, ask: c.client.rerank(
                    model="rerank-v3.5", query=ask, documents=["a", "b"], request_options=c.options
                )
            ),
        },
        # Its streams are never sent again, show no status, and leave out events that they cannot read.
        lacks=frozenset(
            ("chat stream status", "chat stream retried", "chat stream malformed noticed", "chat stream error event noticed")
        ),
        dropped="closed",
        fresh=True,  # it wraps its own methods when it is built
        name="cohere",
        private=PRIVATE,
        alike=("embed", "rerank"),
    )  # fmt: skip
