"""Chroma keeps the contract: in the process, and on a real server of its own."""

from __future__ import annotations

import atexit
import functools
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

chromadb = pytest.importorskip("chromadb")

from chromadb.config import Settings  # noqa: E402
from stores import DOCUMENTS, METADATA, SOURCE, VECTORS, Look, Store, Stores, held, pytest_generate_tests  # noqa: E402, F401

WRONG = "InvalidDimensionException" if chromadb.__version__ < "1" else "InvalidArgumentError"
PRIVATE = [f"{METADATA} {number}" for number in range(4)]
IDS = ("doc-0", "doc-1", "doc-2", "doc-3")


def quiet() -> Settings:
    """Give settings that nobody has used: a client writes on them which kind it is."""
    return Settings(anonymized_telemetry=False)


@functools.cache
def server() -> int:
    """Start Chroma's own server; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run, where = [str(Path(sys.executable).with_name("chroma")), "run", "--port", str(port), "--path"], tempfile.mkdtemp()
    running = subprocess.Popen([*run, where], cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(running.kill)
    late = time.monotonic() + 60
    while time.monotonic() < late:
        try:
            chromadb.HttpClient(port=port, settings=quiet()).heartbeat()
        except ValueError:
            time.sleep(0.1)
        else:
            return port
    raise AssertionError("chroma did not start")


def content() -> dict[str, Any]:
    metadatas = [{"private": one} for one in PRIVATE]
    return {"ids": list(IDS), "embeddings": list(VECTORS), "documents": list(DOCUMENTS), "metadatas": metadatas}


def embedded(waits: bool) -> Any:
    collection = chromadb.EphemeralClient(quiet()).create_collection(
        SOURCE, metadata={"hnsw:space": "cosine"}, embedding_function=None
    )
    collection.add(**content())
    return collection


def served(waits: bool) -> Any:
    client = chromadb.HttpClient(port=server(), settings=quiet())
    client.get_or_create_collection(SOURCE, metadata={"hnsw:space": "cosine"}, embedding_function=None).upsert(**content())
    return _asynchronous() if waits else client.get_collection(SOURCE, embedding_function=None)


async def _asynchronous() -> Any:
    client = await chromadb.AsyncHttpClient(port=server(), settings=quiet())
    return await client.get_collection(SOURCE, embedding_function=None)


LOOKS = {
    "query": Look(
        lambda c, text: c.query([[1.0, 0.0]], n_results=2, where={"private": {"$in": PRIVATE[:3]}}),
        {"count": 2, "top_score": 1.0, "sources": IDS[:2], "top_k": 2},
    ),
    "batch": Look(
        lambda c, text: c.query(query_embeddings=[[0.0, 0.9], [0.8, 0.6]], n_results=2, include=["distances"]),
        {"count": 4, "top_score": 1.0, "sources": ("doc-3", "doc-2", "doc-1"), "top_k": 2},
    ),
    "default": Look(
        lambda c, text: c.query([[1.0, 0.0]], include=["documents"]),
        {"count": 4, "top_score": None, "sources": IDS, "top_k": 10},
    ),
    "empty": Look(
        lambda c, text: c.query([[1.0, 0.0]], where={"private": text}),
        {"count": 0, "top_score": None, "sources": None, "top_k": 10},
    ),
    "get": Look(
        lambda c, text: c.get(where={"private": {"$in": PRIVATE[2:]}}, limit=2),
        {"count": 2, "top_score": None, "sources": IDS[2:], "top_k": 2},
    ),
    "get nothing": Look(lambda c, text: c.get(["no such"]), {"count": 0, "sources": None, "top_k": None}),
    "refused": Look(
        lambda c, text: c.query([[1.0, 0.0]], where={"private": {"$private": text}}),
        {"count": None, "top_score": None, "sources": None, "top_k": 10}, error="ValueError",
    ),
    "wrong": Look(
        lambda c, text: c.query([[1.0]]),
        {"count": None, "top_k": 10}, error=WRONG,
    ),
}  # fmt: skip
DEAF = ("chromadb.telemetry",)  # what it sends to its makers
MODULES = ("chromadb.api.models.Collection", "chromadb.api.models.AsyncCollection")


class TestEmbedded(Stores):
    store = Store(
        "chromadb", MODULES, embedded, LOOKS,
        {"provider": "chroma", "source": SOURCE, "server_address": None, "server_port": None},
        sides=(False,), deaf=DEAF,
    )  # fmt: skip


class TestServed(Stores):
    store = Store(
        "chromadb", MODULES, served, LOOKS,
        {"provider": "chroma", "source": SOURCE, "server_address": "localhost"}, deaf=DEAF,
    )  # fmt: skip

    @pytest.fixture(autouse=True)
    def _port(self) -> None:
        self.store.told["server_port"] = server()


def test_embeddings_inside_are_their_own(provider: Any, arm: Any) -> None:
    """A collection that embeds the query through openai: one retrieval, and under it one call with its cost."""
    from openai import OpenAI

    class Embedding(chromadb.EmbeddingFunction[Any]):
        def __init__(self) -> None:
            self.client = OpenAI(base_url=provider.openai_url, api_key="test")

        def __call__(self, input: Any) -> Any:
            made = self.client.embeddings.create(model="text-embedding-3-small", input=list(input))
            return [one.embedding for one in made.data]

    collection = chromadb.EphemeralClient(quiet()).create_collection("embedding", embedding_function=Embedding())
    collection.add(ids=["a"], documents=["x"])
    recorded = arm()
    collection.query(query_texts=["y"], n_results=1)
    (found,), call = recorded.retrievals, recorded.call
    assert (found.count, found.sources) == (1, ("a",))
    assert (call.operation, call.span.parent_id) == ("embeddings", found.span.span_id)
    assert call.cost_usd
