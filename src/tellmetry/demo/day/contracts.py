"""The contracts: read clause by clause by the dearest model, one through a model that nobody has a price for."""

from __future__ import annotations

from tellmetry.demo.acme import models
from tellmetry.demo.day.case import Case, Says, quoted

_TEXT = """\
Liability. The supplier is liable for no damage at all, not even where it was caused by gross negligence, and
the buyer waives every claim that goes beyond the price of the part that was delivered.

Price. The supplier may raise every price at any time and by any amount; a raise is valid from the day on which
it was written, whether or not the buyer has been told of it.

Delivery. Dates are not binding. Late delivery gives the buyer no right to withdraw, to reduce the price or to
ask for damages, however late the delivery may be.

Acceptance. Goods count as accepted when they have left the supplier's yard. Defects that are found afterwards
are the buyer's.

Term. The contract runs for five years and prolongs itself by five more, unless it is ended by registered letter
in the second week of the thirteenth month before its end.

Venue. Disputes are decided by a court of the supplier's choice, in a language of the supplier's choice.

Data. The supplier may use and sell all data that the batteries record, positions and names of riders included.

Warranty. Batteries are guaranteed for five years or a thousand full charges, whichever comes first, to eighty
per cent of what they held when they were new.

Spare parts. The supplier keeps spare parts for ten years after the last delivery of a model, at list price.

Payment. Invoices are paid within thirty days; within ten days the buyer may keep two per cent of the sum.

Confidence. Each side keeps to itself what it learns of the other's business, for three years after the end.

Recall. Where a part is recalled, the supplier bears the cost of parts, of labour and of the buyer's notices.
"""
CLAUSES = [" ".join(clause.split()) for clause in _TEXT.split("\n\n")]
_REDLINE = (
    "Strike the clause on liability: gross negligence cannot be excluded. Price: ask for three months' notice and the"
    " right to withdraw. Delivery: make dates binding after two weeks' grace. Data: riders must agree to it."
)
_HAFTUNG = ["Haftung. Der Lieferant haftet nicht.", "Preis. Der Lieferant kann den Preis ändern."]


def _contract(shows: str, weight: float, supplier: str, redline: str, score: float) -> Case:
    reading = f"tool=read_clause args={quoted({'number': 3})} {redline} say={quoted(_REDLINE)}"
    marked = f"Contract with {supplier}"
    job = {"supplier": supplier, "clauses": CLAUSES, "language": "en"}
    rules = (
        Says(reading, {"contains": marked, "model": models.REVIEWING}),
        Says(f"say={quoted({'score': score})}", {"contains": marked, "model": models.JUDGING}),
    )
    return Case(shows, "contract", job, rules, weight)


USUAL = (
    Says("slow=0.12", {"model": models.REVIEWING}),
    Says("slow=0.05", {"model": models.JUDGING}),
    Says("slow=0.06 say='Liability. The supplier is not.\nPrice. It may change.'", {"model": models.TRANSLATING}),
)

_APPROVED = _contract("approved by a lawyer", 4, "Galvan Batteries", "rounds=3 write_5m=6200", 0.96)
_EDITED = _contract("score below target", 2, "Ferro Frames", "rounds=2 cached=6200", 0.78)
_GERMAN = _contract("unpriced model", 0.5, "Nordwind Reifen", "rounds=1 write_1h=6200", 0.93)

CONTRACTS = (
    _APPROVED._replace(lawyer=("approved", 2.5)),
    _EDITED._replace(lawyer=("edited", 26.0)),
    _GERMAN._replace(job=_GERMAN.job | {"language": "de", "clauses": [*_HAFTUNG, *CLAUSES[7:]]}),
)
