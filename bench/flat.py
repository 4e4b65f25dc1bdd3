"""Memory after a hundred thousand calls: what the process holds may not grow with how many it has made.

The provider is a function, so that minutes are enough: what is measured is our engine, price, queue and encoder.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from bench import payloads

CALLS, STEPS = 100_000, 5


class Toy:
    """A client of a provider that answers at once; every answer has an id of its own."""

    made = 0

    def create(self, **asked: Any) -> dict[str, Any]:
        Toy.made += 1
        return {**payloads.ANSWER, "id": f"chatcmpl-{Toy.made}"}


def rss_mib() -> float:
    """Give the memory that the process holds now."""
    with open("/proc/self/statm") as state:
        return int(state.read().split()[1]) * resource.getpagesize() / 2**20


def main() -> None:
    """Make the calls and print the memory held after each fifth of them, as JSON."""
    import tellmetry

    tellmetry.enable("local")
    from bench.nowhere import own_way_out
    from tellmetry import guard
    from tellmetry.clients import methods
    from tellmetry.engine import patch
    from tellmetry.wire import chat_completions

    own_way_out()
    patch.wrap(Toy, "create", methods.method("toy", "toy:Toy.create", chat_completions, provider="openai").wrapper)
    toy, held = Toy(), []
    for _ in range(STEPS):
        for number in range(CALLS // STEPS):
            with tellmetry.workflow("bench", owner="bench"):
                toy.create(**payloads.CHAT)
            if number % 1000 == 0:
                tellmetry.flush(60.0)
        tellmetry.flush(60.0)
        held.append(round(rss_mib(), 2))
    print(json.dumps({"calls": CALLS, "rss_mib": held, "lost": sum(guard.lost.values())}))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
