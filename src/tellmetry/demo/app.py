"""Acme's worker: takes jobs from a queue, a line of JSON each, and runs a few of them at a time."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

from anthropic import AnthropicError
from openai import OpenAIError

from tellmetry.demo.acme.contracts import Contract, Decision, decide, review
from tellmetry.demo.acme.knowledge import customers, manuals
from tellmetry.demo.acme.support import Question, answer
from tellmetry.demo.acme.triage import Lead, triage

AT_ONCE = 64
log = logging.getLogger("acme")


async def handle(line: str) -> str:
    """Run the workflow that a job is for."""
    job = json.loads(line)
    match job.pop("kind"):
        case "lead":
            return await asyncio.to_thread(triage, Lead(**job))
        case "question":
            return await answer(Question(**job))
        case "contract":
            return await asyncio.to_thread(review, Contract(**job))
        case "decision":
            return await asyncio.to_thread(decide, Decision(**job))
        case other:
            raise ValueError(f"no workflow for {other}")


async def work(line: str, free: asyncio.Semaphore) -> None:
    """Run one job; one that fails must not stop the others."""
    try:
        print(await handle(line), flush=True)
    except (OpenAIError, AnthropicError, ValueError) as error:
        log.warning("job failed: %s", type(error).__name__)
        print("failed", flush=True)
    finally:
        free.release()


async def main() -> None:
    """Work until the queue is closed."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE))
    await asyncio.to_thread(customers.load)
    await asyncio.to_thread(manuals.load)
    free = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as jobs:
        while line := await asyncio.to_thread(sys.stdin.readline):
            await free.acquire()
            jobs.create_task(work(line, free))


if __name__ == "__main__":
    asyncio.run(main())
