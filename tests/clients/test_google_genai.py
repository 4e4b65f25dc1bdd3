"""Google's client keeps the contract, for Gemini and for Vertex."""

from __future__ import annotations

from typing import Any

import pytest

genai = pytest.importorskip("google.genai")

from canaries import KEY, canary  # noqa: E402
from contract import Contract  # noqa: E402
from driving import Mode  # noqa: E402
from providers import Many  # noqa: E402
from subject import Options, Subject  # noqa: E402
from google.genai import types  # noqa: E402


def options_for(provider: Any, options: Any, **more: Any) -> Any:
    retry = types.HttpRetryOptions(attempts=options.retries + 1, initial_delay=0.001, max_delay=0.001)
    return types.HttpOptions(
        base_url=provider.at("gemini"), headers={"x-api-key": KEY}, timeout=int(options.timeout_s * 1000),
        retry_options=retry if options.retries else None, **more,
    )  # fmt: skip


def build(provider: Many, waits: bool, options: Options) -> Any:
    client = genai.Client(api_key=KEY, http_options=options_for(provider, options))
    return Kept(client, waits)


def build_vertex(provider: Many, waits: bool, options: Options) -> Any:
    client = genai.Client(vertexai=True, api_key=KEY, http_options=options_for(provider, options))
    return Kept(client, waits)


class Kept:
    """One side of a client, which closes its connections when it is collected."""

    def __init__(self, client: Any, waits: bool) -> None:
        self.client = client
        self.models = client.aio.models if waits else client.models


def ask_for(ask: str, **more: Any) -> dict[str, Any]:
    config = types.GenerateContentConfig(system_instruction="Be brief.", temperature=0.5, **more)
    return {"model": "gemini-2.5-flash", "contents": ask, "config": config}


MODES = {
    "generate": Mode(lambda c, ask: c.models.generate_content(**ask_for(ask))),
    "stream": Mode(lambda c, ask: c.models.generate_content_stream(**ask_for(ask)), streams=True),
    "embed": Mode(
        lambda c, ask: c.models.embed_content(model="gemini-embedding-001", contents=ask),
        tells="usage_metadata" in types.EmbedContentResponse.model_fields,  # since 3.x
    ),
}


# Hang-ups are retried unseen by aiohttp inside one attempt, after seconds; the waits between attempts are its own.
LACKS = frozenset(("hung up async", "cancelled between attempts"))


PRIVATE = (
    Mode(
        lambda c, ask: c.models.generate_content(
            model="gemini-2.5-flash",
            contents=[
                {"role": "user", "parts": [{"text": canary("first")}]},
                {"role": "model", "parts": [{"function_call": {"name": "lookup", "args": {"sku": canary("arguments")}}}]},
                {"role": "user", "parts": [{"function_response": {"name": "lookup", "response": {"found": canary("result")}}}]},
                {"role": "user", "parts": [{"text": ask}]},
            ],
            config=types.GenerateContentConfig(
                system_instruction=canary("system"),
                tools=[types.Tool(function_declarations=[
                    types.FunctionDeclaration(name="lookup", description=canary("tool description"))
                ])],
            ),
        )
    ),
)  # fmt: skip


class TestGemini(Contract):
    subject = Subject(
        ("google.genai.models",), build, MODES, "google_genai", private=PRIVATE, alike=("embed",), lacks=LACKS, dropped="closed"
    )


class TestVertex(Contract):
    subject = Subject(
        ("google.genai.models",), build_vertex, MODES, "google_genai", alike=tuple(MODES), lacks=LACKS, dropped="closed"
    )
