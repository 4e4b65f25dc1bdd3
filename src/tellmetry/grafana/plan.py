"""What a Grafana lacks, has otherwise, or has too much of: steps that can be shown or done."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tellmetry.grafana.server import Refused, Server
from tellmetry.grafana.shipped import JSON, PREFIX, TAG

_OWN = ("id", "version")  # Grafana counts these by itself
_GROUPS = "llm."  # the groups of our rules


class Step(NamedTuple):
    """One object: what is to be done with it, why not, what differs, and doing it."""

    action: str  # create, update, same, delete, leave
    name: str
    why: str = ""
    difference: str = ""
    do: Callable[[], None] | None = None


def boards(server: Server, folder: str, wanted: list[JSON]) -> Iterator[Step]:
    """Compare the boards; one that somebody else made under our uid is left alone."""
    for board in wanted:
        uid, found = board["uid"], server.board(board["uid"])
        there = found["dashboard"] if found else None
        left = _not_ours(found) if found else ""
        if left:
            yield Step("leave", uid, left)
        else:
            moved = found is not None and found["meta"].get("folderUid") != folder
            yield _step(uid, there, board, lambda board=board: server.put_board(board, folder), moved=moved)  # type: ignore[misc]


def _not_ours(found: JSON) -> str:
    if found["meta"].get("provisioned"):
        return "Grafana has it from its provisioning files, and takes no other"
    if TAG not in found["dashboard"].get("tags", ()):
        return f"another board has this uid: it lacks our tag, {TAG}"
    return ""


def groups(server: Server, folder: str, wanted: list[JSON]) -> Iterator[Step]:
    """Compare the groups of alert rules."""
    for group in wanted:
        name = group["title"]
        found = server.group(folder, name)
        yield _step(name, found, group, lambda group=group: server.put_group(group))  # type: ignore[misc]


def _step(name: str, found: JSON | None, wanted: JSON, do: Callable[[], None], *, moved: bool = False) -> Step:
    if found is None:
        return Step("create", name, do=do)
    difference = "".join(_differences(name, found, wanted))
    if difference or moved:
        return Step("update", name, "it is in another folder" if moved else "", difference, do)
    return Step("same", name)


def _differences(name: str, found: JSON, wanted: JSON) -> Iterator[str]:
    wanted = {key: value for key, value in wanted.items() if key not in _OWN}
    there, here = (_lines(one) for one in (_same_keys(found, wanted), wanted))
    return difflib.unified_diff(there, here, f"grafana/{name}", f"tellmetry/{name}", n=1)


def _lines(thing: JSON) -> list[str]:
    return json.dumps(thing, indent=1, sort_keys=True).splitlines(keepends=True)


def _same_keys(found: Any, wanted: Any) -> Any:
    """Leave out of what Grafana has whatever it added by itself."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return {key: _same_keys(found[key], wanted[key]) for key in wanted if key in found}
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        return [_same_keys(one, other) for one, other in zip(found, wanted, strict=True)]
    return found


def leftovers(server: Server, folder: str, boards: list[JSON], groups: list[JSON]) -> Iterator[Step]:
    """Find what an older version of ours has left: boards by tag and uid, rules by their group."""
    shipped = {board["uid"] for board in boards}
    for uid in server.board_uids(folder):
        if uid.startswith(PREFIX) and uid not in shipped:
            yield Step("delete", uid, do=lambda uid=uid: server.delete_board(uid))  # type: ignore[misc]
    known = {rule["uid"] for group in groups for rule in group["rules"]}
    for rule in server.rules(folder):
        if rule["ruleGroup"].startswith(_GROUPS) and rule["uid"] not in known:
            yield Step("delete", rule["uid"], do=lambda uid=rule["uid"]: server.delete_rule(uid))  # type: ignore[misc]


def done(step: Step) -> str:
    """Do a step; give what went wrong, nothing where nothing did."""
    try:
        if step.do is not None:
            step.do()
    except Refused as refused:
        return str(refused)
    return ""
