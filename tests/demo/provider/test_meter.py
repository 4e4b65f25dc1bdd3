"""What a part of an answer is charged."""

from tellmetry.demo.provider import Bill, Usage
from tellmetry.demo.provider.frames import Frame
from tellmetry.demo.provider.meter import HUNG_UP, Meter

FRAMES = [Frame(b"role"), Frame(b"one", 10), Frame(b"two", 10), Frame(b"three", 20), Frame(b"end")]


def _meter(bill, output, *, is_exact, status=200):
    meter = Meter(bill.open("sk-a", "chat", "gpt-4o"), status, Usage(100, output), "gpt-4o", "default")
    meter.measure(FRAMES, is_exact=is_exact)
    meter.begin()
    return meter


def test_a_part_of_counted_output_is_counted():
    bill = Bill()
    _meter(bill, 10, is_exact=False).lost(2, 20)
    assert bill.total().cut.usage.output == 5


def test_reasoning_is_in_every_part_but_none():
    bill = Bill()
    _meter(bill, 10 + 30, is_exact=False).lost(1, 10)
    assert bill.total().cut.usage.output == 3 + 30
    _meter(bill, 10 + 30, is_exact=False).lost(0, 0)
    assert bill.total().cut.usage.output == 3 + 30
    assert bill.total().cut.usage.input == 200


def test_a_part_of_set_output_is_a_share():
    bill = Bill()
    _meter(bill, 100, is_exact=True).lost(1, 10)
    assert bill.total().cut.usage.output == 34, "a third, rounded up"


def test_all_of_it():
    bill = Bill()
    _meter(bill, 10, is_exact=False).end(3, 40)
    assert (bill.total().complete.usage.output, bill.total().answered) == (10, 1)


def test_failures():
    bill = Bill()
    _meter(bill, 0, is_exact=False, status=503).end(0, 0)
    _meter(bill, 0, is_exact=False, status=503).lost(0, 0)
    _meter(bill, 0, is_exact=False, status=HUNG_UP).end(0, 0)
    assert bill.total().failed == {"503": 1, "gone": 1, "dropped": 1}
    assert bill.total().answered == 0
