"""Bedrock's Rerank format: charged by the query, of a hundred documents at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire import converse
from tellmetry.wire.shape import fields, items, text

OPERATION = "rerank"
_DOCUMENTS_A_QUERY = 100


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for; the answer repeats none of it."""
    config = fields(fields(body.get("rerankingConfiguration")).get("bedrockRerankingConfiguration"))
    model = text(fields(config.get("modelConfiguration")).get("modelArn"))
    call.model = model and model.rpartition("/")[2]
    queries, documents = len(list(items(body.get("queries")))), len(list(items(body.get("sources"))))
    call.search_units = max(queries, 1) * -(-documents // _DOCUMENTS_A_QUERY)


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    converse.identity(call, fields(reply))


chunk = reply
