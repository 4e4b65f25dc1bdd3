"""The bill: sections, sums, and exactness under threads."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from tellmetry.demo.provider import Bill, Usage, key_id
from tellmetry.demo.provider.bill import price


def _complete(bill, key, model, usage):
    charge = bill.open(key, "chat", model)
    charge.answer()
    charge.end("complete", usage, price(model, "default", usage))


def test_lines_are_by_key_endpoint_and_model():
    bill = Bill()
    _complete(bill, "sk-a", "gpt-4o", Usage(1000, 10))
    _complete(bill, "sk-a", "gpt-4o-mini", Usage(1000, 10))
    _complete(bill, "sk-b", "gpt-4o-mini", Usage(1000, 10))
    assert [(line.key, line.model) for line in bill.lines()] == [
        ("sk-a", "gpt-4o"),
        ("sk-a", "gpt-4o-mini"),
        ("sk-b", "gpt-4o-mini"),
    ]
    assert bill.total().usd == Decimal("0.0026") + 2 * Decimal("0.000156")
    assert bill.total(key="sk-a").usd == Decimal("0.002756")
    assert bill.total(model="gpt-4o-mini").complete.usage.input == 2000
    assert bill.total(endpoint="messages").received == 0


def test_a_model_without_a_price_is_counted_and_adds_no_dollars():
    bill = Bill()
    _complete(bill, "sk-a", "gpt-9", Usage(1000, 10))
    total = bill.total().complete
    assert (total.calls, total.unpriced, total.usd, total.usage.input) == (1, 1, 0, 1000)


def test_endings():
    bill = Bill()
    usage = Usage(1000, 10)
    for section in ("untold", "cut", "broken"):
        charge = bill.open("sk-a", "chat", "gpt-4o")
        charge.answer()
        charge.end(section, usage, Decimal(1))
    gone = bill.open("sk-a", "chat", "gpt-4o")
    gone.end("cut", Usage(1000), Decimal("0.5"))
    bill.open("sk-a", "chat", "gpt-4o").fail("429")
    total = bill.total()
    assert (total.received, total.answered) == (5, 3)
    assert total.failed == {"gone": 1, "429": 1}
    assert (total.untold.usd, total.cut.usd, total.broken.usd) == (1, Decimal("1.5"), 1)
    assert total.usd == 1, "dollars are those of calls answered whole"


def test_real_keys_are_never_kept():
    real = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
    bill = Bill()
    _complete(bill, real, "gpt-4o", Usage(1, 1))
    (line,) = bill.lines()
    assert line.key == key_id(real)
    assert real[8:] not in line.key
    assert bill.total(key=real).received == 1


def test_exact_under_threads():
    bill = Bill()
    usage = Usage(7, 3, cached=2)

    def spend(_):
        for _ in range(250):
            _complete(bill, "sk-a", "gpt-4o-mini", usage)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spend, range(8)))
    total = bill.total()
    assert (total.received, total.answered, total.complete.calls) == (2000, 2000, 2000)
    # (5 x 0.15 + 2 x 0.075 + 3 x 0.60) millionths, two thousand times
    assert total.usd == Decimal("0.0054")


def test_waits_for_open_requests():
    bill = Bill()
    charge = bill.open("sk-a", "chat", "gpt-4o")
    assert not bill.settled(0.01)
    assert bill.as_json()["open"] == 1
    charge.fail("500")
    assert bill.settled(0.01)


def test_a_new_bill_leaves_open_requests_to_the_old_one():
    bill = Bill()
    charge = bill.open("sk-a", "chat", "gpt-4o")
    bill.reset()
    charge.fail("500")
    assert bill.settled(0.01)
    assert bill.total().received == 0
    assert bill.total().failed == {}


def test_lines_are_copies():
    bill = Bill()
    _complete(bill, "sk-a", "gpt-4o", Usage(1, 1))
    before = bill.lines()[0]
    _complete(bill, "sk-a", "gpt-4o", Usage(1, 1))
    assert (before.received, before.complete.calls) == (1, 1)
