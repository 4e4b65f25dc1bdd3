"""Anthropic's client keeps the contract in every mode."""

from __future__ import annotations

from typing import Any

from canaries import KEY, canary
from contract import Contract
from driving import Mode
from pydantic import BaseModel
from subject import Options, Subject

from tellmetry.demo.provider import Provider


class Route(BaseModel):
    """What the app wants parsed."""

    team: str
    urgent: bool


def build(provider: Provider, waits: bool, options: Options) -> Any:
    import anthropic

    kind = anthropic.AsyncAnthropic if waits else anthropic.Anthropic
    timeout = anthropic.Timeout(10, read=options.timeout_s)
    return kind(base_url=provider.url, api_key=KEY, timeout=timeout, max_retries=options.retries)


def say(ask: str, **more: Any) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-4-5", "max_tokens": 100, "system": "Be brief.",
        "messages": [{"role": "user", "content": ask}], **more,
    }  # fmt: skip


def tool_runner(client: Any, ask: str) -> Any:
    import anthropic

    def lookup(sku: str) -> str:
        """Look a thing up.

        Args:
            sku: what to look up
        """
        return "found"

    async def alookup(sku: str) -> str:
        """Look a thing up.

        Args:
            sku: what to look up
        """
        return "found"

    waits = isinstance(client, anthropic.AsyncAnthropic)
    tool = anthropic.beta_async_tool(alookup, name="lookup") if waits else anthropic.beta_tool(lookup)
    return client.beta.messages.tool_runner(tools=[tool], **say(f"[[tool=lookup]] {ask}"))


MODES = {
    "messages": Mode(lambda c, ask: c.messages.create(**say(ask))),
    "messages stream": Mode(lambda c, ask: c.messages.create(**say(ask, stream=True)), streams=True),
    "messages stream inside": Mode(
        lambda c, ask: c.messages.create(**say(ask, stream=True)), inside=True, streams=True
    ),
    "messages helper": Mode(
        lambda c, ask: c.messages.stream(**say(ask)),
        inside=True, streams=True, last=lambda stream: stream.get_final_message(),
    ),
    "messages text": Mode(
        lambda c, ask: c.messages.stream(**say(ask)), inside=True, then=lambda stream: stream.text_stream, streams=True,
    ),
    "messages parse": Mode(lambda c, ask: c.messages.parse(**say(ask, output_format=Route))),
    "messages raw": Mode(
        lambda c, ask: c.messages.with_raw_response.create(**say(ask)), then=lambda r: r.parse(), raw=True
    ),
    "messages raw stream": Mode(
        lambda c, ask: c.messages.with_raw_response.create(**say(ask, stream=True)),
        then=lambda r: r.parse(), streams=True,
    ),
    "messages body": Mode(
        lambda c, ask: c.messages.with_streaming_response.create(**say(ask)),
        inside=True, then=lambda r: r.read(), raw=True,
    ),
    "messages json": Mode(
        lambda c, ask: c.messages.with_streaming_response.create(**say(ask)),
        inside=True, then=lambda r: r.json(), raw=True,
    ),
    "messages lines": Mode(
        lambda c, ask: c.messages.with_streaming_response.create(**say(ask, stream=True)),
        inside=True, then=lambda r: r.iter_lines(), streams=True, raw=True,
    ),
    "messages body stream": Mode(
        lambda c, ask: c.messages.with_streaming_response.create(**say(ask, stream=True)),
        inside=True, then=lambda r: r.parse(), streams=True,
    ),
    "beta": Mode(lambda c, ask: c.beta.messages.create(betas=["test-1"], **say(ask))),
    "beta stream": Mode(lambda c, ask: c.beta.messages.create(**say(ask, stream=True)), streams=True),
    "beta helper": Mode(
        lambda c, ask: c.beta.messages.stream(**say(ask)),
        inside=True, streams=True, last=lambda stream: stream.get_final_message(),
    ),
    "beta parse": Mode(lambda c, ask: c.beta.messages.parse(**say(ask, output_format=Route))),
    "tool runner": Mode(tool_runner, calls=2),
}  # fmt: skip


PRIVATE = (
    Mode(
        lambda c, ask: c.messages.create(
            model="claude-sonnet-4-5", max_tokens=100, system=canary("system"), metadata={"user_id": canary("user")},
            extra_headers={"x-tenant": canary("header")}, extra_query={"q": canary("query")},
            tools=[{"name": "lookup", "description": canary("tool description"), "input_schema": {"type": "object"}}],
            messages=[
                {"role": "user", "content": canary("first")},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"sku": canary("arguments")}}
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_1", "content": canary("result")},
                    {"type": "text", "text": ask},
                ]},
            ],
        )
    ),
)  # fmt: skip


class TestAnthropic(Contract):
    subject = Subject(("anthropic",), build, MODES, "anthropic", ("messages", "messages stream", "messages helper"), PRIVATE, thorough=True)
