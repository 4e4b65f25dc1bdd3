"""The search API of Elasticsearch and OpenSearch on loopback: `kb` has documents, `empty` has none, others do not exist."""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import urlsplit

from stores import DOCUMENTS, METADATA
from stores_servers.loopback import Answer, serve

_HEADERS = {"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/vnd.elasticsearch+json;compatible-with=9"}
_SCORES = (0.93, 0.81, 0.7, 0.5)

# What is asked with, and what must be told of the answers.
MATCH = {"match": {"text": METADATA}}
IDS = ("doc-0", "doc-1", "doc-2", "doc-3")
TWO = {"count": 2, "top_score": 0.93, "sources": IDS[:2], "top_k": 2}
NONE = {"count": 0, "top_score": None, "sources": None, "top_k": None, "source": "empty"}
MISSING = {"count": None, "top_k": 2, "source": "missing"}


def told(provider: str, url: str) -> dict[str, Any]:
    """Give what is told of every look-up."""
    return {"provider": provider, "source": "kb", "server_address": "127.0.0.1", "server_port": urlsplit(url).port}


@functools.cache
def elasticsearch() -> str:
    """Give the address of a server that says it is Elasticsearch."""
    return serve(functools.partial(_answer, headers=_HEADERS))


@functools.cache
def opensearch() -> str:
    """Give the address of a server that does not."""
    return serve(functools.partial(_answer, headers={}))


def _answer(method: str, path: str, asked: bytes, headers: dict[str, str]) -> Answer:
    index, _, action = path.strip("/").rpartition("/")
    if action == "_msearch":
        lines = [json.loads(line) for line in asked.splitlines() if line.strip()]
        one_by_one = zip(lines[::2], lines[1::2], strict=True)
        told = [_search(header.get("index", index), body) for header, body in one_by_one]
        return Answer({"took": 3, "responses": [answer.body | {"status": answer.status} for answer in told]}, 200, headers)
    return _search(index, json.loads(asked or b"{}"))._replace(headers=headers)


def _search(index: str, body: dict[str, Any]) -> Answer:
    if index not in ("kb", "empty"):
        return _missing(index)
    size = body.get("size", body.get("knn", {}).get("k", 10) if isinstance(body.get("knn"), dict) else 10)
    found = [_hit(index, number) for number in range(len(DOCUMENTS) if index == "kb" else 0)][:size]
    if "sort" in body:
        found = [hit | {"_score": None, "sort": [number]} for number, hit in enumerate(found)]
    best = found[0]["_score"] if found else None
    total = {"value": len(found), "relation": "eq"}
    shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
    hits = {"total": total, "max_score": best, "hits": found}
    return Answer({"took": 2, "timed_out": False, "_shards": shards, "hits": hits})


def _hit(index: str, number: int) -> dict[str, Any]:
    source = {"text": DOCUMENTS[number], "tag": METADATA}
    return {"_index": index, "_id": f"doc-{number}", "_score": _SCORES[number], "_source": source}


def _missing(index: str) -> Answer:
    cause = {"type": "index_not_found_exception", "reason": f"no such index [{index}]", "index": index}
    return Answer({"error": {"root_cause": [cause], **cause}, "status": 404}, 404)
