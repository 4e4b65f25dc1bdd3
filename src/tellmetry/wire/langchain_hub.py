"""What a prompt template of LangChain says of the hub that it was pulled from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pulled(metadata: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """Give a prompt's name and version, the commit; "-" is the owner of an account's own. None for any other."""
    owner, name = metadata.get("lc_hub_owner"), metadata.get("lc_hub_repo")
    if not isinstance(name, str):
        return None
    return name if owner in (None, "-") else f"{owner}/{name}", metadata.get("lc_hub_commit_hash")
