"""The leads: most are plain, some meet a rate limit, an outage, a guardrail or an answer that breaks off."""

from __future__ import annotations

from tellmetry.demo.acme import models
from tellmetry.demo.day.case import Case, Says, quoted

_REPLY = "Dear team, thank you for writing to us. Your plan fits our Atlas well, and a colleague calls you tomorrow."
_FIRM = "Dear team, we guarantee that all of your bikes stand at your door on the first of March."
_LONG = "Dear team, thank you for writing to us.\n\nThe Atlas was made for farms: its box takes crates, milk and a dog."


def _sorted(company: str, route: str, confidence: float, more: str = "") -> Says:
    said = quoted({"route": route, "confidence": confidence})
    return Says(f"{more} say={said}".strip(), {"contains": f"{company} writes", "model": models.SORTING})


def _replied(company: str, directive: str) -> Says:
    return Says(directive, {"contains": f"{company} writes", "model": models.WRITING})


def _lead(shows: str, weight: float, company: str, text: str, *rules: Says, truth: str | None = None) -> Case:
    job = {"company": company, "text": text, "truth": truth}
    return Case(shows, "lead", job, rules, weight)


USUAL = (
    Says(f"say={quoted(_REPLY)} first_chunk_delay_ms=60 delay_ms=2", {"model": models.WRITING}),
    Says("slow=0.04", {"model": models.SORTING}),
    Says(f"slow=0.09 say={quoted({'route': 'sales', 'confidence': 0.95})}", {"model": models.CAREFUL}),
)
_CRM = f"tool=crm_history args={quoted({'company': 'Brightwell Bakery'})}"

LEADS = (
    _lead(
        "tool call", 30, "Brightwell Bakery",
        "We bake for {few} shops and deliver every morning. We want {some} cargo bikes and decide in March.",
        _sorted("Brightwell Bakery", "sales", 0.94, _CRM), truth="sales",
    ),
    _lead(
        "plain", 25, "Halden Couriers",
        "We run a courier fleet with {many} riders in the city and would sell and service your cargo bikes.",
        _sorted("Halden Couriers", "partner", 0.88), truth="partner",
    ),
    _lead(
        "guardrail modifies", 12, "Pinecrest Schools",
        "Lunch delivery for {some} schools by cargo bike. Write to kitchen@pinecrest.example or call 030 5550 1234.",
        _sorted("Pinecrest Schools", "sales", 0.91), truth="sales",
    ),
    _lead(
        "rate limit", 3, "Kestrel Freight",
        "Parcels in the city: {many} stops a day, {some} cargo bikes on lease, service within one day.",
        Says("status=429 times=2 retry_after_ms=60", {"contains": "Kestrel Freight writes", "model": models.SORTING}),
        _sorted("Kestrel Freight", "sales", 0.9), truth="sales",
    ),
    _lead(
        "retry", 2, "Tidewater Hotels",
        "A hotel group with {some} houses: bikes for guests and for laundry, rental instead of buying.",
        Says("status=503 times=1 retry_after_ms=40", {"contains": "Tidewater Hotels writes", "model": models.SORTING}),
        _sorted("Tidewater Hotels", "sales", 0.83), truth="sales",
    ),
    _lead(
        "fallback", 0.5, "Osprey Post",
        "Post in {few} towns, by cargo bike instead of by van, every day of the week.",
        Says("status=503 retry_after_ms=30", {"contains": "Osprey Post writes", "model": models.SORTING}),
        truth="sales",
    ),
    _lead(
        "manual review", 6, "Moonlit Cinemas",
        "Hello! Open-air nights, a screen, perhaps a bike or {few}? Tell me something.",
        _sorted("Moonlit Cinemas", "sales", 0.41), truth="nobody",
    ),
    _lead(
        "moderation flags", 1, "Grumble & Sons",
        "You thieves! I know where your workshop is, {few} of us will come and burn it down.",
        Says("flagged=harassment", {"contains": "burn it down", "endpoint": "moderations"}),
    ),
    _lead(
        "guardrail blocks", 1.5, "Harbour Florists",
        "We deliver flowers to {some} offices and need a cooled box on every bike before March.",
        _sorted("Harbour Florists", "sales", 0.92), _replied("Harbour Florists", f"say={quoted(_FIRM)}"), truth="sales",
    ),
    _lead(
        "stream abandoned", 4, "Verdant Farms",
        "Vegetables for {some} shops every morning, by cargo bike from the farm. We decide in spring.",
        _sorted("Verdant Farms", "sales", 0.86), _replied("Verdant Farms", f"say={quoted(_LONG)} hold_after=8"),
        truth="sales",
    ),
    _lead(
        "stream breaks", 0.3, "Nimbus Parcels",
        "Parcels from a depot to {many} shops in the city, with cargo bikes on lease.",
        _sorted("Nimbus Parcels", "sales", 0.89), _replied("Nimbus Parcels", "error_event=6"), truth="sales",
    ),
    _lead(
        "failure", 0.2, "Longacre Estates",
        "Attached are the minutes of our last {many} meetings; somewhere we wrote what bikes we need.",
        Says(
            "status=400 code=context_length_exceeded message='Too many tokens.'",
            {"contains": "Longacre Estates writes", "model": models.SORTING},
        ),
    ),
)  # fmt: skip
