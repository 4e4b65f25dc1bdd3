"""The boards and alert rules that come with the package, with the data sources of the Grafana that they go to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

JSON = dict[str, Any]

_PACKAGE = Path(__file__).resolve().parents[1]
TAG = "tellmetry"  # every board of ours carries it
PREFIX = "tellmetry-"  # and its uid begins with it
OLDEST = (11, 0)  # the oldest Grafana that knows everything the boards use


def home() -> Path:
    """Give the folder of boards and rules: inside the installed package, or of the checkout it is installed from."""
    inside = _PACKAGE / "dashboards"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "dashboards"


def boards(prometheus: str, tempo: str | None) -> list[JSON]:
    """Give every board, its data source variables set to these uids."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(home().glob("*.json"))]
    for board in found:
        _choose(board, {"datasource": prometheus, "tempo": tempo})
    return found


def _choose(board: JSON, uids: dict[str, str | None]) -> None:
    for variable in board["templating"]["list"]:
        uid = uids.get(variable["name"])
        if variable["type"] == "datasource" and uid is not None:
            variable["current"] = {"selected": False, "text": uid, "value": uid}


def rule_groups(folder: str, prometheus: str) -> list[JSON]:
    """Give the alert rules as the provisioning API takes them, one group after the other."""
    import yaml

    told = yaml.safe_load((home() / "rules" / "grafana" / "llm.yaml").read_text("utf-8"))
    return [_group(group, folder, prometheus) for group in told["groups"]]


def _group(group: JSON, folder: str, prometheus: str) -> JSON:
    """Turn one group from the shape of the files into that of the API: seconds, and uids spelt otherwise."""
    rules = [_rule(rule, group["name"], folder, prometheus) for rule in group["rules"]]
    return {
        "title": group["name"],
        "folderUid": folder,
        "interval": int(group["interval"].removesuffix("s")),
        "rules": rules,
    }


def _rule(rule: JSON, group: str, folder: str, prometheus: str) -> JSON:
    asked = [{**one, "datasourceUid": _source(one["datasourceUid"], prometheus)} for one in rule["data"]]
    panel = {"__dashboardUid__": rule["dashboardUid"], "__panelId__": str(rule["panelId"])}
    kept = ("uid", "title", "condition", "noDataState", "execErrState", "for", "labels")
    return {
        **{name: rule[name] for name in kept},
        "keep_firing_for": rule["keepFiringFor"],
        "orgID": 1,
        "folderUID": folder,
        "ruleGroup": group,
        "data": asked,
        "annotations": {**rule["annotations"], **panel},
    }


def _source(uid: str, prometheus: str) -> str:
    return prometheus if uid == "prometheus" else uid
