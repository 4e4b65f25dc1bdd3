"""Weaviate's search service on loopback, with the client's own messages: `Kb` has documents, `Empty` has none.

It answers searches by what they ask for, and compares no vectors; others than these two collections do not exist.
"""

from __future__ import annotations

import functools
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import grpc
from stores import DOCUMENTS, METADATA
from stores_servers.loopback import Answer, serve
from weaviate.collections.grpc.query import search_get_pb2
from weaviate.proto.v1 import properties_pb2

IDS = tuple(str(uuid.UUID(int=number)) for number in range(1, 5))
SCORES = (0.93, 0.81, 0.7, 0.5)


class Server(NamedTuple):
    """Where the two halves of a Weaviate are."""

    http: int
    grpc: int


@functools.cache
def server() -> Server:
    """Start it and say where it is."""
    service = grpc.server(ThreadPoolExecutor(8))
    search = grpc.unary_unary_rpc_method_handler(
        _search,
        request_deserializer=search_get_pb2.SearchRequest.FromString,
        response_serializer=search_get_pb2.SearchReply.SerializeToString,
    )
    service.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("weaviate.v1.Weaviate", {"Search": search}),))
    port = service.add_insecure_port("127.0.0.1:0")
    service.start()
    _kept.append(service)
    return Server(urlsplit(serve(_answer)).port or 0, port)


_kept: list[Any] = []  # a server that nobody holds stops


def _answer(method: str, path: str, asked: bytes) -> Answer:
    known = {"/v1/meta": {"version": "1.36.0", "modules": {}}}
    return Answer(known[path]) if path in known else Answer({}, 404)


def _search(asked: Any, context: grpc.ServicerContext) -> Any:
    if asked.collection not in ("Kb", "Empty"):
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no class {asked.collection} {METADATA}")
    numbers = range(len(DOCUMENTS) if asked.collection == "Kb" else 0)
    found = [_result(asked.metadata, number) for number in numbers][: asked.limit or None]
    if not asked.HasField("group_by"):
        return search_get_pb2.SearchReply(took=0.002, results=found)
    group = search_get_pb2.GroupByResult(name="all", objects=found, number_of_objects=len(found), max_distance=0.5)
    return search_get_pb2.SearchReply(took=0.002, group_by_results=[group])


def _result(wanted: Any, number: int) -> Any:
    told = {}
    for name, value in {"certainty": SCORES[number], "score": SCORES[number] / 2, "distance": 1 - SCORES[number]}.items():
        if getattr(wanted, name):
            told |= {name: value, f"{name}_present": True}
    metadata = search_get_pb2.MetadataResult(id=IDS[number], id_as_bytes=uuid.UUID(IDS[number]).bytes, **told)
    text = properties_pb2.Value(text_value=DOCUMENTS[number])
    properties = search_get_pb2.PropertiesResult(
        target_collection="Kb", non_ref_props=properties_pb2.Properties(fields={"text": text})
    )
    return search_get_pb2.SearchResult(metadata=metadata, properties=properties)
