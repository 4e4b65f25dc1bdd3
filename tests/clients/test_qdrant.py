"""Qdrant's client keeps the contract: in the process, and against a server that answers as Qdrant does."""

from __future__ import annotations

import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

qdrant_client = pytest.importorskip("qdrant_client")

from qdrant_client import models  # noqa: E402
from stores import DOCUMENTS, METADATA, SOURCE, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401

DISTANT = "distant"
MODULES = tuple(
    f"qdrant_client.{one}"
    for one in ("qdrant_remote", "async_qdrant_remote", "local.qdrant_local", "local.async_qdrant_local")
)
OLD = hasattr(qdrant_client.QdrantClient, "search")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def private(text: str) -> Any:
    return models.Filter(must=[models.FieldCondition(key="private", match=models.MatchValue(value=text))])


def fill(client: Any) -> None:
    for name, distance in ((SOURCE, models.Distance.COSINE), (DISTANT, models.Distance.EUCLID)):
        client.create_collection(name, vectors_config=models.VectorParams(size=2, distance=distance))
        client.upsert(
            name,
            [
                models.PointStruct(id=number, vector=list(vector), payload={"text": DOCUMENTS[number], "private": METADATA})
                for number, vector in enumerate(VECTORS)
            ],
        )


def embedded(waits: bool) -> Any:
    if waits:
        return _asynchronous()
    client = qdrant_client.QdrantClient(":memory:")
    fill(client)
    return client


async def _asynchronous() -> Any:
    client = qdrant_client.AsyncQdrantClient(":memory:")
    local = qdrant_client.QdrantClient(":memory:")
    fill(local)
    client._client.collections = local._client.collections
    return client


LOOKS = {
    "query": Look(
        lambda c, text: c.query_points(SOURCE, [1.0, 0.0], query_filter=private(METADATA), limit=2),
        {"count": 2, "top_score": 1.0, "sources": ("0", "1"), "top_k": 2},
    ),
    "distance": Look(
        lambda c, text: c.query_points(collection_name=DISTANT, query=[0.0, 1.0]),
        {"source": DISTANT, "count": 4, "top_score": None, "sources": ("3", "2", "1", "0"), "top_k": 10},
    ),
    "empty": Look(
        lambda c, text: c.query_points(SOURCE, [1.0, 0.0], query_filter=private(text)),
        {"count": 0, "top_score": None, "sources": None, "top_k": 10},
    ),
    "batch": Look(
        lambda c, text: c.query_batch_points(
            SOURCE, [models.QueryRequest(query=[1.0, 0.0], limit=2), models.QueryRequest(query=[0.8, 0.6], limit=3)]
        ),
        {"count": 5, "top_score": 1.0, "sources": ("0", "1", "2"), "top_k": 2},
    ),
    "groups": Look(
        lambda c, text: c.query_points_groups(SOURCE, "text", [1.0, 0.0], limit=3),
        {"count": 3, "top_score": 1.0, "sources": ("0", "1", "2"), "top_k": 3},
    ),
    "scroll": Look(
        lambda c, text: c.scroll(SOURCE, private(METADATA), limit=3),
        {"count": 3, "top_score": None, "sources": ("0", "1", "2"), "top_k": 3},
    ),
    "retrieve": Look(
        lambda c, text: c.retrieve(SOURCE, [1, 99]), {"count": 1, "top_score": None, "sources": ("1",), "top_k": None}
    ),
    "wrong": Look(lambda c, text: c.query_points(SOURCE, [1.0]), {"count": None, "top_k": 10}, error="ValueError"),
}
if OLD:
    LOOKS |= {
        "search": Look(
            lambda c, text: c.search(SOURCE, [1.0, 0.0], query_filter=private(METADATA), limit=2),
            {"count": 2, "top_score": 1.0, "sources": ("0", "1"), "top_k": 2},
        ),
        "search batch": Look(
            lambda c, text: c.search_batch(SOURCE, [models.SearchRequest(vector=[1.0, 0.0], limit=2)] * 2),
            {"count": 4, "top_score": 1.0, "sources": ("0", "1"), "top_k": 2},
        ),
        "recommend": Look(
            lambda c, text: c.recommend(SOURCE, positive=[0], limit=2),
            {"count": 2, "top_score": 0.8, "sources": ("1", "2"), "top_k": 2},
        ),
    }


class TestEmbedded(Stores):
    store = Store("qdrant", MODULES, embedded, LOOKS, {"provider": "qdrant", "source": SOURCE, "server_address": None})


# -- a server ----------------------------------------------------------------------------------------------------------
class Answers(BaseHTTPRequestHandler):
    """What Qdrant's REST interface answers, for the vectors of the contract."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, {"title": "qdrant", "version": qdrant_client.__version__})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked["query"]["nearest"] == [1.0]:
            self._answer(400, {"status": {"error": f"Wrong input: {METADATA}"}, "time": 0.0})
            return
        points = [
            {"id": number, "version": 0, "score": vector[0], "payload": {"text": DOCUMENTS[number]}}
            for number, vector in enumerate(VECTORS)
        ]
        self._answer(200, {"result": {"points": points[: asked["limit"]]}, "status": "ok", "time": 0.0})

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@functools.cache
def server() -> int:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    running = Server(("127.0.0.1", 0), Answers)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    return running.server_port


def remote(waits: bool) -> Any:
    client = (qdrant_client.AsyncQdrantClient if waits else qdrant_client.QdrantClient)(url=f"http://127.0.0.1:{server()}")
    return _given(client) if waits else client


async def _given(client: Any) -> Any:
    return client


class TestRemote(Stores):
    store = Store(
        "qdrant", MODULES, remote,
        {
            "query": LOOKS["query"],
            "wrong": Look(
                lambda c, text: c.query_points(SOURCE, [1.0]), {"count": None, "top_k": 10}, error="UnexpectedResponse"
            ),
        },
        {"provider": "qdrant", "source": SOURCE, "server_address": "127.0.0.1", "server_port": server()},
    )  # fmt: skip
