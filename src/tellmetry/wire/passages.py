"""What DSPy's retrievers give: a prediction that holds passages, or plain passages."""

from __future__ import annotations

from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire import documents
from tellmetry.wire.shape import fields

OPERATION = names.OP_RETRIEVAL
request = documents.request


def reply(retrieval: Retrieval, reply: Any) -> None:
    """Count the passages."""
    documents.reply(retrieval, fields(fields(reply).get("_store")).get("passages", reply))


chunk = reply
