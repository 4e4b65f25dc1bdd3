"""OpenAI embeddings: texts that share words point in similar directions, so that a retrieval over them is real."""

from __future__ import annotations

import base64
import re
from array import array
from functools import lru_cache
from math import sqrt
from typing import Any
from zlib import crc32

from tellmetry.demo.provider.answer import Answer
from tellmetry.demo.provider.ask import Ask, BadRequestError, read_count, read_model
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.usage import CHARS_PER_TOKEN

_DIMENSIONS = {"text-embedding-3-large": 3072}
_DEFAULT_DIMENSIONS = 1536
_WORD = re.compile(r"\w+")


def read(body: dict[str, Any], _request: Request) -> Ask:
    """Read a request body; ready-made token lists count as the tokens they are."""
    read_count(body, "dimensions")
    texts = [text for text in _inputs(body) if isinstance(text, str)]
    ids = sum(len(given) for given in _inputs(body) if not isinstance(given, str))
    chars = sum(map(len, texts)) + ids * CHARS_PER_TOKEN
    return Ask("embeddings", read_model(body), body, "\n".join(texts), chars, counts="input")


def _inputs(body: dict[str, Any]) -> list[Any]:
    given = body.get("input")
    if not given:
        raise BadRequestError("input must not be empty")
    if isinstance(given, str) or isinstance(given[0], int):
        return [given]
    return list(given)


def plain(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Write the reply."""
    size = ask.body.get("dimensions") or _DIMENSIONS.get(ask.model, _DEFAULT_DIMENSIONS)
    as_base64 = ask.body.get("encoding_format") == "base64"
    vectors = [vector(str(given), size) for given in _inputs(ask.body)]
    reply: dict[str, Any] = {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(packed).decode() if as_base64 else list(packed),
            }
            for index, packed in enumerate(vectors)
        ],
        "model": answer.model,
    }
    if answer.told:
        total = answer.usage.input
        reply["usage"] = {"prompt_tokens": total, "total_tokens": total}
    return reply


@lru_cache(maxsize=1024)
def vector(text: str, size: int) -> array[float]:
    """Hash each word to one dimension, and scale to length one."""
    made = array("f", bytes(4 * size))
    for word in _WORD.findall(text.lower()) or [text]:
        made[crc32(word.encode()) % size] += 1.0
    length = sqrt(sum(x * x for x in made))
    return array("f", (x / length for x in made))
