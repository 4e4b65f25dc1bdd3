"""Searches with pgvector: which statements are one, in which table, and how many rows they gave.

A statement is looked at here and nowhere kept. What a rule this simple cannot tell for sure is left out.
"""

from __future__ import annotations

import re
from typing import Any

from tellmetry import names
from tellmetry.record import Retrieval
from tellmetry.wire.shape import count, fields, member, text

OPERATION = names.OP_RETRIEVAL
_OPERATOR = re.compile(r"<(?:->|=>|#>|\+>|~>|%%?>)")  # a percent sign is doubled beside a driver's placeholders
_WORDS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_READS = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)
_NAME = r'(?:"[^"]+"|[a-z_]\w*)'
_TABLE = re.compile(rf"\b(?:from|join)\s+(?:only\s+)?({_NAME}(?:\.{_NAME})*)(?![\w\".]|\s*\()", re.IGNORECASE)
_COMMA = re.compile(rf"\bfrom\s+(?:only\s+)?{_NAME}(?:\.{_NAME})*(?:\s+(?:as\s+)?{_NAME})?\s*,", re.IGNORECASE)
_SUBQUERY = re.compile(rf"({_NAME})\s*(?:\([^()]*\)\s*)?\bas\s+(?:(?:not\s+)?materialized\s+)?\(", re.IGNORECASE)
_LIMIT = re.compile(r"\blimit\s+(\d+)\b", re.IGNORECASE)


def is_search(body: Any) -> bool:
    """Tell whether a statement reads with one of pgvector's operators."""
    statement = text(fields(body).get("statement"))
    if statement is None or not _OPERATOR.search(statement):
        return False
    bare = _WORDS.sub(" ", statement)
    return bool(_READS.match(bare) and _OPERATOR.search(bare))


def request(retrieval: Retrieval, body: Any) -> None:
    """Read which table is searched, and how much is wanted, where the statement says so."""
    bare = _WORDS.sub(" ", text(fields(body).get("statement")) or "")
    retrieval.source = _table(bare)
    limits = set(_LIMIT.findall(bare))
    retrieval.top_k = int(limits.pop()) if len(limits) == 1 else None


def _table(bare: str) -> str | None:
    """Name the only table of a statement; of several nobody knows which one is searched."""
    tables = {_plain(name) for name in _TABLE.findall(bare)} - {_plain(name) for name in _SUBQUERY.findall(bare)}
    return tables.pop() if len(tables) == 1 and not _COMMA.search(bare) else None


def _plain(name: str) -> str:
    return ".".join(part.strip('"') if part.startswith('"') else part.lower() for part in name.split("."))


def reply(retrieval: Retrieval, cursor: Any) -> None:
    """Read how many rows there are; they stay in the cursor, for the app to fetch."""
    retrieval.count = count(member(cursor, "rowcount"))


def chunk(retrieval: Retrieval, chunk: Any) -> None:
    """Read nothing: an answer comes whole."""
