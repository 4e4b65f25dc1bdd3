"""Lines of the bill as they are shown."""

import json
from decimal import Decimal

from tellmetry.demo.provider import Line, Usage


def test_every_count_is_added():
    usage = Usage(*range(10, 100, 10))
    line, other = Line(), Line()
    line.complete.add(usage, Decimal("0.1"))
    other.complete.add(usage, Decimal("0.2"))
    other.failed["429"] += 2
    line.merge(other)
    shown = line.as_json()
    assert shown["complete"] == {
        "calls": 2,
        "unpriced": 0,
        "usd": "0.3",
        "input": 20,
        "output": 40,
        "cached": 60,
        "write_5m": 80,
        "write_1h": 100,
        "audio_in": 120,
        "audio_out": 140,
        "reasoning": 160,
        "web_searches": 180,
    }
    assert shown["failed"] == {"429": 2}


def test_dollars_are_shown_exactly_and_never_in_exponents():
    line = Line()
    line.complete.add(Usage(1), Decimal("0.00000001"))
    assert line.as_json()["usd"] == "0.00000001"
    json.dumps(line.as_json())
