"""OpenAI's client keeps the contract in every mode."""

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
    import openai

    kind = openai.AsyncOpenAI if waits else openai.OpenAI
    timeout = openai.Timeout(10, read=options.timeout_s)
    return kind(base_url=provider.openai_url, api_key=KEY, timeout=timeout, max_retries=options.retries)


def chat(ask: str, **more: Any) -> dict[str, Any]:
    system = {"role": "system", "content": "Be brief."}
    return {"model": "gpt-4o-mini", "messages": [system, {"role": "user", "content": ask}], **more}


def streamed(ask: str) -> dict[str, Any]:
    return chat(ask, stream=True, stream_options={"include_usage": True})


def respond(ask: str, **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o-mini", "input": ask, "instructions": "Be brief.", **more}


MODES = {
    "chat": Mode(lambda c, ask: c.chat.completions.create(**chat(ask))),
    "chat stream": Mode(lambda c, ask: c.chat.completions.create(**streamed(ask)), streams=True),
    "chat stream inside": Mode(lambda c, ask: c.chat.completions.create(**streamed(ask)), inside=True, streams=True),
    "chat stream untold": Mode(
        lambda c, ask: c.chat.completions.create(**chat(ask, stream=True)), streams=True, tells=False
    ),
    "chat parse": Mode(lambda c, ask: c.chat.completions.parse(**chat(ask, response_format=Route))),
    "chat helper": Mode(
        lambda c, ask: c.chat.completions.stream(**chat(ask, stream_options={"include_usage": True})),
        inside=True, streams=True, last=lambda stream: stream.get_final_completion(),
    ),
    "chat raw": Mode(
        lambda c, ask: c.chat.completions.with_raw_response.create(**chat(ask)), then=lambda r: r.parse(), raw=True
    ),
    "chat raw stream": Mode(
        lambda c, ask: c.chat.completions.with_raw_response.create(**streamed(ask)),
        then=lambda r: r.parse(), streams=True,
    ),
    "chat body": Mode(
        lambda c, ask: c.chat.completions.with_streaming_response.create(**chat(ask)),
        inside=True, then=lambda r: r.read(), last=lambda body: body.decode(), raw=True,
    ),
    "chat body parsed": Mode(
        lambda c, ask: c.chat.completions.with_streaming_response.create(**chat(ask)),
        inside=True, then=lambda r: r.parse(), raw=True,
    ),
    "chat lines": Mode(
        lambda c, ask: c.chat.completions.with_streaming_response.create(**streamed(ask)),
        inside=True, then=lambda r: r.iter_lines(), streams=True, raw=True,
    ),
    "chat bytes": Mode(
        lambda c, ask: c.chat.completions.with_streaming_response.create(**streamed(ask)),
        inside=True, then=lambda r: r.iter_bytes(), streams=True, raw=True,
    ),
    "chat body stream": Mode(
        lambda c, ask: c.chat.completions.with_streaming_response.create(**streamed(ask)),
        inside=True, then=lambda r: r.parse(), streams=True,
    ),
    "responses": Mode(lambda c, ask: c.responses.create(**respond(ask))),
    "responses stream": Mode(lambda c, ask: c.responses.create(**respond(ask, stream=True)), streams=True),
    "responses parse": Mode(lambda c, ask: c.responses.parse(**respond(ask, text_format=Route))),
    "responses helper": Mode(
        lambda c, ask: c.responses.stream(**respond(ask)),
        inside=True, streams=True, last=lambda stream: stream.get_final_response(),
    ),
    "responses raw": Mode(
        lambda c, ask: c.responses.with_raw_response.create(**respond(ask)), then=lambda r: r.parse(), raw=True
    ),
    "responses lines": Mode(
        lambda c, ask: c.responses.with_streaming_response.create(**respond(ask, stream=True)),
        inside=True, then=lambda r: r.iter_lines(), streams=True, raw=True,
    ),
    "embeddings": Mode(lambda c, ask: c.embeddings.create(model="text-embedding-3-small", input=[ask, "more"])),
    "moderations": Mode(lambda c, ask: c.moderations.create(model="omni-moderation-latest", input=ask)),
    "completions": Mode(lambda c, ask: c.completions.create(model="gpt-3.5-turbo-instruct", prompt=ask)),
    "completions stream": Mode(
        lambda c, ask: c.completions.create(
            model="gpt-3.5-turbo-instruct", prompt=ask, stream=True, stream_options={"include_usage": True}
        ),
        streams=True,
    ),
}  # fmt: skip


PRIVATE = (
    Mode(
        lambda c, ask: c.chat.completions.create(
            model="gpt-4o-mini", user=canary("user"), metadata={"ticket": canary("metadata")},
            extra_headers={"x-tenant": canary("header")}, extra_query={"q": canary("query")},
            tools=[{"type": "function", "function": {
                "name": "lookup", "description": canary("tool description"),
                "parameters": {"type": "object", "properties": {"sku": {"type": "string"}}},
            }}],
            messages=[
                {"role": "system", "content": canary("system")},
                {"role": "assistant", "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "lookup", "arguments": canary("arguments")}}
                ]},
                {"role": "tool", "tool_call_id": "call_1", "content": canary("result")},
                {"role": "user", "content": ask, "name": "canary7f3a-name"},
            ],
        )
    ),
    Mode(
        lambda c, ask: c.responses.create(
            model="gpt-4o-mini", user=canary("user"), metadata={"ticket": canary("metadata")}, stream=True,
            instructions=canary("instructions"), extra_headers={"x-tenant": canary("header")}, input=ask,
        ),
        streams=True,
    ),
)  # fmt: skip


class TestOpenAI(Contract):
    subject = Subject(("openai",), build, MODES, "openai", ("chat", "chat stream", "responses stream", "embeddings"), PRIVATE, thorough=True)
