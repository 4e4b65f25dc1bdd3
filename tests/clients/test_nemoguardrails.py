"""NeMo Guardrails keeps the contract: which rail stopped or changed something, without asking it for its log."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

pytest.importorskip("nemoguardrails")
os.environ["NEMO_GUARDRAILS_DISABLE_TELEMETRY"] = "1"

from guards import Check, Guards, Library, kit, loop, pytest_generate_tests, told_once  # noqa: E402, F401
from nemoguardrails import LLMRails, RailsConfig  # noqa: E402
from nemoguardrails.actions import action  # noqa: E402
from nemoguardrails.embeddings.providers import register_embedding_provider  # noqa: E402
from nemoguardrails.embeddings.providers.base import EmbeddingModel  # noqa: E402
from recording import Recording  # noqa: E402

from tellmetry import workflow  # noqa: E402

try:
    from nemoguardrails.actions.rail_outcome import RailOutcome

    MAPPED: dict[str, Any] = {}
except ImportError:  # before 0.2x a rail's action says how its answer is to be read
    RailOutcome = None
    MAPPED = {"output_mapping": lambda allowed: not allowed}

_FLOWS = """
define subflow check {side}
  $allowed = execute look_at_{side}
  if not $allowed
    bot refuse to respond
    stop

define subflow mask {side}
  ${side}_message = execute mask(text=${side}_message)
"""
COLANG = f"""
{_FLOWS.format(side="user")}
{_FLOWS.format(side="bot")}
define subflow judge bot
  $verdict = execute judge_bot

define bot refuse to respond
  "I cannot answer that."
"""
RAILS = """
models: []
core:
  embedding_search_provider:
    name: default
    parameters: {{embedding_engine: none, embedding_model: none}}
rails:
  input: {{parallel: {parallel}, flows: [check user, mask user]}}
  output:
    parallel: false
    flows: [{output}]
    streaming: {{enabled: true, chunk_size: 4, context_size: 2}}
"""


class NoModel(EmbeddingModel):
    """Embeds everything alike, so that nothing has to be downloaded."""

    engine_name = "none"

    def __init__(self, embedding_model: str, **more: Any) -> None: ...

    async def encode_async(self, documents: list[str]) -> list[list[float]]:
        return [[0.0, 1.0] for _ in documents]

    def encode(self, documents: list[str]) -> list[list[float]]:
        return [[0.0, 1.0] for _ in documents]


register_embedding_provider(NoModel, "none")


async def look_at_user(context: dict[str, Any]) -> bool:
    if "explode" in context["user_message"]:
        raise RuntimeError("cannot look")
    return "forbidden" not in context["user_message"]


async def look_at_bot(context: dict[str, Any]) -> bool:
    return "forbidden" not in context["bot_message"]


@action(**MAPPED)
async def judge_bot(context: dict[str, Any], **more: Any) -> Any:
    """Judge a part of a stream as this version wants it judged."""
    allowed = await look_at_bot(context)
    return allowed if RailOutcome is None else RailOutcome.allow() if allowed else RailOutcome.block()


async def mask(text: str) -> str:
    return text.replace("secret", "***")


class Kit:
    """Rails one after the other, side by side, and along a stream."""

    def __init__(self) -> None:
        self.rails, self.parallel, self.streaming = rails_of(), rails_of(parallel="true"), rails_of(output="judge bot")


def rails_of(parallel: str = "false", output: str = "check bot, mask bot") -> LLMRails:
    told = RAILS.format(parallel=parallel, output=output)
    rails = LLMRails(RailsConfig.from_content(colang_content=COLANG, yaml_content=told))
    for one in (look_at_user, look_at_bot, judge_bot, mask):
        rails.register_action(one)
    return rails


def messages(text: str, side: str) -> dict[str, Any]:
    told = [{"role": "user", "content": text if side == "input" else "Hello?"}]
    return {"messages": told if side == "input" else [*told, {"role": "assistant", "content": text}]}


def generate(side: str, method: str = "generate", which: str = "rails") -> Any:
    return lambda kit, text: getattr(getattr(kit, which), method)(**messages(text, side), options={"rails": [side]})


def check(side: str, method: str = "check") -> Any:
    return lambda kit, text: getattr(kit.rails, method)(**messages(text, side))


async def words(text: str) -> AsyncIterator[str]:
    for word in text.split():
        yield f"{word} "


def stream(kit: Kit, text: str) -> Any:
    return kit.streaming.stream_async(messages=[{"role": "user", "content": "Hello?"}], generator=words(text))


CHECKS = {
    **{
        f"{method} {side} {outcome}": Check(
            generate(side, method), text, outcome, reason and f"{reason} {who}", reason and side, waits="async" in method
        )
        for method in ("generate", "generate_async")
        for side, who in (("input", "user"), ("output", "bot"))
        for text, outcome, reason in (
            ("hello", "pass", None), ("a secret", "modify", "mask"), ("forbidden", "block", "check"),
        )
    },
    "rail fails": Check(generate("input"), "explode", "error", "check user", "input"),
    "parallel pass": Check(generate("input", "generate_async", "parallel"), "hello", "pass", waits=True),
    "parallel block": Check(
        generate("input", "generate_async", "parallel"), "forbidden", "block", "check user", "input", waits=True
    ),
    "stream pass": Check(stream, "all is well and good here", "pass", waits=True, streams=True),
    "stream block": Check(
        stream, "this is forbidden to be said", "block", "judge bot", "output", waits=True, streams=True
    ),
}  # fmt: skip
if hasattr(LLMRails, "check"):  # since 0.2x
    CHECKS |= {
        f"{method} {outcome}": Check(
            check("input", method), text, outcome, reason, reason and "input", waits="async" in method
        )
        for method in ("check", "check_async")
        for text, outcome, reason in (
            ("hello", "pass", None), ("a secret", "modify", "mask user"), ("forbidden", "block", "check user"),
        )
    }  # fmt: skip


class TestNeMo(Guards):
    library = Library(
        "nemoguardrails", Kit, CHECKS, "nemoguardrails", talks=("nemoguardrails",),
        faulted=("generate input block", "generate_async output modify", "rail fails", "stream block"),
    )  # fmt: skip


@pytest.mark.parametrize("waits", [False, True], ids=["generate", "generate_async"])
def test_a_rail_that_asks_a_model(waits: bool, app: Any, arm: Callable[[], Recording]) -> None:
    openai = pytest.importorskip("openai")
    app.provider.reset()
    made = openai.OpenAI(api_key="test", base_url=f"{app.provider.url}/v1", max_retries=0)
    recorded = arm()
    rails = rails_of()

    async def ask_model(**context: Any) -> bool:
        made.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Is this well?"}])
        return False

    rails.register_action(ask_model, "look_at_user")
    asked = messages("hello", "input") | {"options": {"rails": ["input"]}}
    with workflow("railed"):
        asyncio.run(rails.generate_async(**asked)) if waits else rails.generate(**asked)
    told_once(recorded, app.provider, "block", "check user")
