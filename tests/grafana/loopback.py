"""A Grafana on loopback that takes what the HTTP API's documentation says and refuses everything else."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "glsa_test"
STATES = ({"Alerting", "NoData", "OK", "KeepLast"}, {"Alerting", "Error", "OK", "KeepLast"})
SOURCES = (
    {"uid": "prom-1", "type": "prometheus", "name": "Prometheus", "isDefault": True},
    {"uid": "tempo-1", "type": "tempo", "name": "Tempo", "isDefault": False},
)


class Answer(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


class Grafana:
    """What this Grafana holds, and the requests it saw as (method, path)."""

    def __init__(self) -> None:
        self.version = "12.1.0"
        self.sources: list[dict[str, Any]] = [dict(one) for one in SOURCES]
        self.folders: dict[str, str] = {}
        self.boards: dict[str, dict[str, Any]] = {}
        self.places: dict[str, str] = {}
        self.provisioned: set[str] = set()
        self.groups: dict[tuple[str, str], dict[str, Any]] = {}
        self.seen: list[tuple[str, str]] = []
        self.failing: dict[str, int] = {}  # a board's uid → the status with which it cannot be written
        self.html = False
        self.url = ""

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [one for one in self.seen if one[0] != "GET"]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        for asked, pattern, do in ROUTES:
            found = re.fullmatch(pattern, path) if asked == method else None
            if found is not None:
                return do(self, *found.groups(), **({"query": query} if do is _search else {"body": body} if body is not None else {}))
        raise Answer(404, f"Not found: {method} {path}")


def _settings(held: Grafana) -> Any:
    return {"buildInfo": {"version": held.version, "commit": "x"}, "appSubUrl": ""}


def _sources(held: Grafana) -> Any:
    return held.sources


def _folder(held: Grafana, uid: str) -> Any:
    if uid not in held.folders:
        raise Answer(404, "folder not found")
    return {"uid": uid, "title": held.folders[uid], "id": 1}


def _make_folder(held: Grafana, body: Any) -> Any:
    if not body.get("title") or set(body) - {"uid", "title", "parentUid"}:
        raise Answer(400, "bad request data")
    if body["uid"] in held.folders:
        raise Answer(412, "the folder has been changed by someone else")
    held.folders[body["uid"]] = body["title"]
    return {"uid": body["uid"], "title": body["title"], "id": 1}


def _board(held: Grafana, uid: str) -> Any:
    if uid not in held.boards:
        raise Answer(404, "Dashboard not found")
    return {"dashboard": held.boards[uid], "meta": {"folderUid": held.places[uid], "provisioned": uid in held.provisioned}}


def _put_board(held: Grafana, body: Any) -> Any:
    board = body["dashboard"]
    if set(body) - {"dashboard", "folderUid", "message", "overwrite"} or not board.get("title"):
        raise Answer(400, "bad request data")
    uid = board["uid"]
    if uid in held.failing:
        raise Answer(held.failing[uid], "internal error")
    if uid in held.provisioned:
        raise Answer(400, "Cannot save provisioned dashboard")
    if body["folderUid"] not in held.folders:
        raise Answer(400, "folder not found")
    if board["id"] is not None or (uid in held.boards and not body.get("overwrite")):
        raise Answer(412, "The dashboard has been changed by someone else")
    version = held.boards.get(uid, {"version": 0})["version"] + 1
    held.boards[uid] = {**board, "id": 7, "version": version}
    held.places[uid] = body["folderUid"]
    return {"id": 7, "uid": uid, "url": f"/d/{uid}/x", "status": "success", "version": version, "slug": "x"}


def _delete_board(held: Grafana, uid: str) -> Any:
    _board(held, uid)
    del held.boards[uid], held.places[uid]
    return {"title": uid, "message": f"Dashboard {uid} deleted", "id": 7}


def _search(held: Grafana, query: dict[str, list[str]]) -> Any:
    if int(query.get("limit", ["1000"])[0]) > 5000 or query.get("type") != ["dash-db"]:
        raise Answer(422, "bad search")
    folder, tag = query["folderUIDs"][0], query["tag"][0]
    return [
        {"uid": uid, "title": board["title"], "type": "dash-db", "folderUid": folder}
        for uid, board in held.boards.items()
        if held.places[uid] == folder and tag in board.get("tags", ())
    ]


def _group(held: Grafana, folder: str, name: str) -> Any:
    if (folder, name) not in held.groups:
        raise Answer(404, "rule group does not exist")
    return held.groups[folder, name]


def _put_group(held: Grafana, folder: str, name: str, body: Any) -> Any:
    if folder not in held.folders:
        raise Answer(404, "folder not found")
    if (body["title"], body["folderUid"]) != (name, folder) or not isinstance(body["interval"], int) or body["interval"] % 10:
        raise Answer(400, "invalid rule group")
    for rule in body["rules"]:
        _check_rule(rule, folder, name)
    held.groups[folder, name] = {**body, "rules": [{**rule, "id": 3, "provenance": "", "isPaused": False} for rule in body["rules"]]}
    return held.groups[folder, name]


def _check_rule(rule: Any, folder: str, name: str) -> None:
    refs = [one["refId"] for one in rule["data"]]
    sound = (
        rule["condition"] in refs and rule["folderUID"] == folder and rule["ruleGroup"] == name and rule["title"]
        and len(rule["uid"]) <= 40 and re.fullmatch(r"\d+[smhd]", rule["for"]) and re.fullmatch(r"\d+[smhd]", rule["keep_firing_for"])
        and rule["noDataState"] in STATES[0] and rule["execErrState"] in STATES[1]
        and all(isinstance(value, str) for value in (*rule["annotations"].values(), *rule["labels"].values()))
        and ("__panelId__" in rule["annotations"]) == ("__dashboardUid__" in rule["annotations"])
    )  # fmt: skip
    if not sound:
        raise Answer(400, f"invalid alert rule {rule['title']}")


def _rules(held: Grafana) -> Any:
    return [rule for group in held.groups.values() for rule in group["rules"]]


def _delete_rule(held: Grafana, uid: str) -> Any:
    for group in held.groups.values():
        group["rules"] = [rule for rule in group["rules"] if rule["uid"] != uid]


_GROUP = r"/api/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)"
ROUTES = (
    ("GET", "/api/frontend/settings", _settings),
    ("GET", "/api/datasources", _sources),
    ("GET", "/api/folders/([^/]+)", _folder),
    ("POST", "/api/folders", _make_folder),
    ("GET", "/api/dashboards/uid/([^/]+)", _board),
    ("POST", "/api/dashboards/db", _put_board),
    ("DELETE", "/api/dashboards/uid/([^/]+)", _delete_board),
    ("GET", "/api/search", _search),
    ("GET", _GROUP, _group),
    ("PUT", _GROUP, _put_group),
    ("GET", "/api/v1/provisioning/alert-rules", _rules),
    ("DELETE", "/api/v1/provisioning/alert-rules/([^/]+)", _delete_rule),
)


def _handler(held: Grafana) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            at = urlsplit(self.path)
            held.seen.append((self.command, at.path))
            size = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            if held.html:
                return self.say(200, b"<html>Welcome to nginx</html>", "text/html")
            try:
                if self.headers.get("authorization") != f"Bearer {TOKEN}":
                    raise Answer(401, "Invalid API key")
                told = held.answer(self.command, at.path, parse_qs(at.query), body)
            except Answer as answer:
                return self.say(answer.status, json.dumps({"message": answer.message}).encode())
            return self.say(204 if told is None else 200, b"" if told is None else json.dumps(told).encode())

        def say(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Grafana]:
    """Run one, empty."""
    held = Grafana()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(held)) as server:
        held.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield held
        server.shutdown()
