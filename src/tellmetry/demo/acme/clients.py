"""The clients, one for each provider. Keys and addresses come from the clients' own variables."""

from __future__ import annotations

from anthropic import Anthropic
from openai import AsyncOpenAI, OpenAI

openai = OpenAI()
openai_async = AsyncOpenAI()
anthropic = Anthropic()
