"""What a framework's retriever says of the vector store that it asks, whatever the store's class calls it."""

from __future__ import annotations

from typing import Any

_NAMES = ("collection_name", "_collection_name", "index_name", "_index_name", "table_name", "_table_name")


def asked(store: Any, top_k: Any) -> dict[str, Any]:
    """Give what `wire.documents` reads of a request: which collection of the store, and how many documents at most."""
    named = (getattr(store, name, None) for name in _NAMES)
    return {"source": next((name for name in named if isinstance(name, str)), None), "top_k": top_k}
