"""The data plane of a Pinecone index on loopback; the namespace says which: `empty` finds nothing, `missing` is an error."""

from __future__ import annotations

import functools
import json
from typing import Any

from stores import DOCUMENTS, METADATA
from stores_servers.loopback import Answer, serve

_SCORES = (0.93, 0.81, 0.7, 0.5)


@functools.cache
def cosine() -> str:
    """Give the address of an index whose scores are similarities."""
    return serve(functools.partial(_answer, scores=_SCORES))


@functools.cache
def euclidean() -> str:
    """Give the address of an index whose scores are distances: the best one is the lowest."""
    return serve(functools.partial(_answer, scores=_SCORES[::-1]))


def _answer(method: str, path: str, asked: bytes, scores: tuple[float, ...]) -> Answer:
    body = json.loads(asked)
    if path == "/query":
        return _query(body, scores)
    if path.startswith("/records/namespaces/") and path.endswith("/search"):
        return _search(path.split("/")[3], body["query"], scores)
    return Answer({"code": 5, "message": "not found", "details": []}, 404)


def _query(body: dict[str, Any], scores: tuple[float, ...]) -> Answer:
    namespace = body.get("namespace", "")
    if namespace == "missing":
        return Answer({"code": 3, "message": f"no {namespace} {METADATA}", "details": []}, 400)
    found = [
        {"id": f"doc-{number}", "score": score, "values": [], "metadata": {"text": DOCUMENTS[number]}}
        for number, score in enumerate(scores if namespace != "empty" else ())
    ]
    return Answer({"matches": found[: body["topK"]], "namespace": namespace, "usage": {"readUnits": 5}})


def _search(namespace: str, query: dict[str, Any], scores: tuple[float, ...]) -> Answer:
    found = [
        {"_id": f"doc-{number}", "_score": score, "fields": {"text": DOCUMENTS[number]}}
        for number, score in enumerate(scores if namespace != "empty" else ())
    ]
    usage = {"read_units": 6, "embed_total_tokens": 5}
    return Answer({"result": {"hits": found[: query["top_k"]]}, "usage": usage})
