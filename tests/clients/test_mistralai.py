"""Mistral's client keeps the contract."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("mistralai")

from canaries import KEY, canary, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402

_NEW = importlib.util.find_spec("mistralai.sdk") is None


def build(provider: Many, waits: bool, options: Options) -> Any:
    if _NEW:
        from mistralai.client import Mistral
        from mistralai.client.utils import BackoffStrategy, RetryConfig
    else:
        from mistralai import Mistral
        from mistralai.utils import BackoffStrategy, RetryConfig
    retry = RetryConfig("backoff", BackoffStrategy(1, 2, 1.0, 60_000 if options.retries > 1 else 0), True)
    client = Mistral(
        api_key=KEY, server_url=provider.at("telling"), timeout_ms=int(options.timeout_s * 1000),
        retry_config=retry if options.retries > 1 else None,
    )  # fmt: skip
    return Side(client, "_async" if waits else "")


class Side:
    """The methods of one side, under the sync one's names."""

    def __init__(self, client: Any, suffix: str) -> None:
        self.client = client
        for name, methods in (("chat", ("complete", "stream")), ("embeddings", ("create",)), ("fim", ("complete",))):
            bound = {method: getattr(getattr(client, name), method + suffix) for method in methods}
            setattr(self, name, Late(getattr(client, name), suffix, bound))


class Late(SimpleNamespace):
    """Methods that are looked up when they are called, as an app does."""

    def __init__(self, owner: Any, suffix: str, bound: dict[str, Any]) -> None:
        for name in bound:
            setattr(self, name, lambda _name=name, **kwargs: getattr(owner, _name + suffix)(**kwargs))


def chat(ask: str) -> dict[str, Any]:
    return {"model": "mistral-small-latest", "messages": [{"role": "user", "content": ask}]}


PRIVATE = (
    Mode(
        lambda c, ask: c.chat.complete(
            model="mistral-small-latest", messages=conversation(ask), tools=tools(), http_headers={"x-tenant": canary("header")}
        )
    ),
)


class TestMistral(Contract):
    subject = Subject(
        (),
        build,
        {
            "chat": Mode(lambda c, ask: c.chat.complete(**chat(ask))),
            "chat stream": Mode(lambda c, ask: c.chat.stream(**chat(ask)), streams=True),
            "chat stream inside": Mode(lambda c, ask: c.chat.stream(**chat(ask)), inside=True, streams=True),
            "embeddings": Mode(lambda c, ask: c.embeddings.create(model="mistral-embed", inputs=[ask])),
        },
        name="mistralai",
        private=PRIVATE,
        alike=("chat stream inside", "embeddings"),
        lacks=frozenset(() if _NEW else ("closed",)),  # 1.x streams have no close()
    )
