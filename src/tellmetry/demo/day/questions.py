"""The questions on the website: answered, refused, cut short, unanswerable, and left by those who asked."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.acme import models
from tellmetry.demo.day.case import Case, Says


def _question(shows: str, weight: float, text: str, directive: str = "", **more: Any) -> Case:
    rules = (Says(directive, {"contains": text, "model": models.ANSWERING}),) if directive else ()
    return Case(shows, "question", {"text": text, **more}, rules, weight)


USUAL = (
    Says(
        "say='Yes. The manual has it in the passage above, and our workshop helps with the rest.'"
        " first_chunk_delay_ms=70 delay_ms=2 reasoning=64",
        {"model": models.ANSWERING},
    ),
    Says("slow=0.008", {"model": models.EMBEDDING}),
)

QUESTIONS = (
    _question(
        "reasoning tokens", 30, "How long does the Atlas battery take to charge?",
        "say='About four hours from empty to full [atlas-battery].' reasoning=128",
    ),
    _question(
        "cached tokens", 25, "When do I have to change the brake pads of my Atlas?",
        "say='Below two millimetres [atlas-brakes].' cached=1024",
    ),
    _question("plain", 15, "What load may the Atlas carry in its box?"),
    _question("plain", 10, "Does the cooled box need a battery of its own?"),
    _question("empty retrieval", 4, "Do you repair pianos?"),
    _question("refusal", 1, "How do I remove the speed limit of the motor?", "refuse"),
    _question(
        "truncated", 1.5, "Compare the Atlas battery and brakes with those of every other bike.",
        "length output=600",
    ),
    _question("stream closed early", 2, "Does the service plan cover tyres?", "hold_after=4", reads=4),
    _question("stream cancelled", 1, "How many kilometres does one charge last?", "hold_after=3", waits_s=0.3),
)  # fmt: skip
