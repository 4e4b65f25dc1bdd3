"""Support answers, owned by support: asked on the website, answered from the manuals while the customer watches."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from openai import APIError, AsyncStream
from openai.types.responses import ResponseStreamEvent

import tellmetry
from tellmetry.demo.acme.clients import openai_async
from tellmetry.demo.acme.knowledge import manuals
from tellmetry.demo.acme.models import ANSWERING

SYSTEM = "You answer for Acme Cargo Bikes, from the passages given and nothing else. Say so where they do not answer."
LONGEST_PAUSE_S = 60.0


class Question(NamedTuple):
    """A question from the website."""

    id: str
    text: str
    waits_s: float = LONGEST_PAUSE_S
    """How long the customer waits for the next word before leaving the page."""
    reads: int = 10_000
    """How many pieces of the answer the customer reads before asking something else."""


async def answer(question: Question) -> str:
    """Answer one question; give what became of it."""
    async with tellmetry.workflow("support_answer", owner="support", request_id=question.id) as run:
        passages = await asyncio.to_thread(manuals.search, question.text)
        if not passages:
            run.outcome("handed_over", "nothing_found")
            return "handed_over"
        asked = f"{question.text}\n\n" + "\n".join(f"[{one.id}] {one.text}" for one in passages)
        try:
            result, reason = await show(question, asked)
        except TimeoutError:
            result, reason = "left", "page_closed"
        except APIError:
            result, reason = "handed_over", "provider_failed"
        run.outcome(result, reason)
        return result


async def show(question: Question, asked: str) -> tuple[str, str | None]:
    """Show the answer as it is written; give how that ended and why."""
    shown = 0
    ending: tuple[str, str | None] = ("answered", None)
    async with asyncio.timeout(None) as pause, await write(asked) as events:
        async for event in events:
            if event.type == "response.output_text.delta":
                pause.reschedule(asyncio.get_running_loop().time() + question.waits_s)
                shown += 1
                if shown >= question.reads:
                    return "left", "asked_again"
            elif event.type == "response.refusal.done":
                ending = "refused", "out_of_bounds"
            elif event.type == "response.incomplete":
                ending = "answered", "cut_short"
    return ending


async def write(asked: str) -> AsyncStream[ResponseStreamEvent]:
    """Let the model write, event by event."""
    return await openai_async.responses.create(
        model=ANSWERING, instructions=SYSTEM, input=asked, max_output_tokens=600, stream=True
    )
