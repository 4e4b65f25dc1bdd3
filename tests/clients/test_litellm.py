"""LiteLLM keeps the contract, over the openai SDK and over its own HTTP: one call is told once."""

from __future__ import annotations

import logging
import os
from types import SimpleNamespace
from typing import Any

import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
litellm = pytest.importorskip("litellm")

from canaries import KEY, canary, conversation, tools  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402

litellm.telemetry = False
# Its thread writes into chunks on their way to the app: whether the last one is empty then, and left out, is chance.
litellm.disable_streaming_logging = True
for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
    logging.getLogger(name).setLevel(logging.WARNING)  # below, it writes everything to stderr


def build(provider: Many, waits: bool, options: Options) -> Any:
    how = {"api_key": KEY, "timeout": options.timeout_s, "max_retries": options.retries}

    def ask(name: str, **kwargs: Any) -> Any:
        if waits:
            return getattr(litellm, f"a{name}")(**kwargs, **how)
        result = getattr(litellm, name)(**kwargs, **how)
        return Plain(result) if hasattr(result, "__anext__") else result

    return SimpleNamespace(
        ask=ask, openai=provider.openai_url, url=provider.url,
    )  # fmt: skip


class Plain:
    """A stream that serves both sides, read from the sync one."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __iter__(self) -> Any:
        return iter(self.inner)

    def close(self) -> None:
        self.inner.close()


def chat(c: Any, ask: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ask}]
    return {"model": "openai/gpt-4o-mini", "messages": messages, "api_base": c.openai, **more}


CLOSES = hasattr(litellm.CustomStreamWrapper, "close")  # since 1.10x, for the sync side
LACKS = frozenset(() if CLOSES else ("closed sync",))
DEAF = frozenset(() if CLOSES else ("chat stream malformed noticed",))  # until then it left out what it could not read
TOLD = {"stream": True, "stream_options": {"include_usage": True}}
IMPORTED = (
    "litellm", "litellm.litellm_core_utils.streaming_handler", "litellm.responses.streaming_iterator",
    "litellm.llms.custom_httpx.http_handler", "openai._base_client", "anthropic._base_client",
)  # fmt: skip


PRIVATE = (
    Mode(
        lambda c, ask: c.ask(
            "completion", model="openai/gpt-4o-mini", messages=conversation(ask), api_base=c.openai, tools=tools(),
            user=canary("user"), metadata={"ticket": canary("metadata")}, extra_headers={"x-tenant": canary("header")},
        )
    ),
)  # fmt: skip


class TestOverOpenAI(Contract):
    subject = Subject(
        IMPORTED,
        build,
        {
            "chat": Mode(lambda c, ask: c.ask("completion", **chat(c, ask))),
            "chat stream": Mode(lambda c, ask: c.ask("completion", **chat(c, ask, **TOLD)), streams=True),
            "embedding": Mode(
                lambda c, ask: c.ask("embedding", model="openai/text-embedding-3-small", input=[ask], api_base=c.openai)
            ),
        },
        lacks=LACKS,
        alike=("embedding",),
        private=PRIVATE,
        name="litellm",
        timed=True,
    )


def claude(c: Any, ask: str, **more: Any) -> dict[str, Any]:
    return chat(c, ask, **more) | {"model": "anthropic/claude-sonnet-4-5", "api_base": c.url}


class TestOverHTTP(Contract):
    subject = Subject(
        IMPORTED,
        build,
        {
            "chat": Mode(lambda c, ask: c.ask("completion", **claude(c, ask))),
            "chat stream": Mode(lambda c, ask: c.ask("completion", **claude(c, ask, **TOLD)), streams=True),
        },
        lacks=LACKS | {"retried", "given up", "status"} | DEAF,
        name="litellm",
        timed=True,
    )
