"""What is armed, what is wrong and what to do: one small file a topic, each a function from `Asked` to lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from tellmetry.doctor.line import Asked, Line

# In the order in which they are shown; each is a file here with a function `look(asked)`.
TOPICS: dict[str, str] = {
    "settings": "mode, and every variable that is set",
    "python": "whether TELLMETRY alone arms this Python",
    "clients": "which clients are installed, and where their calls are seen",
    "provider": "who owns the TracerProvider, and what its sampler leaves out",
    "endpoint": "whether the OTLP endpoint takes spans",
    "store": "the store on disk",
    "prices": "the price list, and your own prices",
    "clock": "whether times can be right",
}

Look = Callable[[Asked], Iterator[Line]]


def examine(asked: Asked, topics: tuple[str, ...] = tuple(TOPICS)) -> Iterator[tuple[str, list[Line]]]:
    """Look at each topic in turn."""
    for topic in topics:
        look: Look = import_module(f"tellmetry.doctor.{topic}").look
        yield topic, list(look(asked))
