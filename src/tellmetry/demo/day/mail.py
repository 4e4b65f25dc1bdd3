"""What the models answer to `plain.py`."""

from __future__ import annotations

from tellmetry.demo.acme import models
from tellmetry.demo.day.case import Says

MAIL = (
    Says("say=order slow=0.03", {"contains": "my order 4711", "model": models.SORTING}),
    Says("say=question", {"contains": "Atlas in green", "model": models.SORTING}),
    Says("say=complaint", {"contains": "brake on my bike squeaks", "model": models.SORTING}),
    Says(
        "say='Your order left us on Monday and is one day late. It will be with you tomorrow, and we are sorry.'",
        {"contains": "my order 4711", "model": models.WRITING},
    ),
)
