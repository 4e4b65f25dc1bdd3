"""`tellmetry grafana` against a Grafana that checks every request as its documentation has it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("grafana_client")

from grafana.loopback import TOKEN, Grafana, running  # noqa: E402

from tellmetry import cli  # noqa: E402
from tellmetry.grafana import shipped  # noqa: E402

BOARDS = {f"tellmetry-{name}" for name in ("overview", "workflow", "cost", "failures", "quality", "pipeline")}
Run = Callable[..., int]


@pytest.fixture
def server() -> Iterator[Grafana]:
    with running() as held:
        yield held


@pytest.fixture
def run(server: Grafana, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("GRAFANA_URL", server.url)
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
    return lambda *arguments: cli.main(["grafana", *arguments])


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    return lambda: [line for text in capsys.readouterr() for line in text.splitlines()]


def test_create(server: Grafana, run: Run) -> None:
    assert run("push") == 0
    assert set(server.boards) == BOARDS
    assert set(server.places.values()) == {"tellmetry"}
    for board in server.boards.values():
        chosen = {one["name"]: one["current"]["value"] for one in board["templating"]["list"] if one["type"] == "datasource"}
        assert chosen == {"datasource": "prom-1", "tempo": "tempo-1"}
    assert server.groups == {}


def test_again_is_nothing(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    run("push", "--alerts")
    server.seen.clear()
    said()
    assert run("push", "--alerts") == 0
    assert server.writes == []
    assert {line.split()[0] for line in said()} == {"same"}
    assert run("diff", "--alerts") == 0


def test_alerts(server: Grafana, run: Run) -> None:
    """Every shipped rule arrives, names its panel, and asks the Prometheus that is there."""
    assert run("push", "--alerts") == 0
    rules = [rule for group in server.groups.values() for rule in group["rules"]]
    told = [rule for group in shipped.rule_groups("x", "y") for rule in group["rules"]]
    assert {rule["title"] for rule in rules} == {rule["title"] for rule in told}
    for rule in rules:
        assert rule["annotations"]["__dashboardUid__"] in BOARDS
        assert {one["datasourceUid"] for one in rule["data"]} == {"prom-1", "__expr__"}
    assert not [path for _, path in server.seen if "polic" in path or "contact" in path]


def test_update(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    run("push")
    server.boards["tellmetry-cost"]["title"] = "Edited by hand"
    said()
    assert run("diff") == 3
    lines = said()
    assert any(line.startswith('- "title": "Edited by hand"') for line in lines)
    assert [line.split()[0] for line in lines if line.split()[1:2] == ["tellmetry-cost"]] == ["update"]
    server.seen.clear()
    assert run("push") == 0
    assert server.writes == [("POST", "/api/dashboards/db")]
    assert server.boards["tellmetry-cost"]["title"] != "Edited by hand"


def test_moved(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    run("push")
    assert run("push", "--folder", "elsewhere") == 0
    assert set(server.places.values()) == {"elsewhere"}
    assert "update  tellmetry-cost (it is in another folder)" in said()


@pytest.mark.parametrize("what", ["push", "diff"])
def test_dry_run_and_diff_write_nothing(what: str, server: Grafana, run: Run) -> None:
    assert run(what, "--alerts", *(["--dry-run"] if what == "push" else [])) == (0 if what == "push" else 3)
    assert server.writes == []


def test_prune(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    """What we shipped once goes; what is not ours stays, whatever it is called."""
    run("push", "--alerts")
    board = server.boards["tellmetry-cost"]
    for uid, tags, folder in (
        ("tellmetry-old", ["tellmetry"], "tellmetry"), ("team-board", ["tellmetry"], "tellmetry"),
        ("tellmetry-theirs", [], "tellmetry"), ("tellmetry-far", ["tellmetry"], "elsewhere"),
    ):  # fmt: skip
        server.boards[uid], server.places[uid] = {**board, "uid": uid, "tags": tags}, folder
    group = server.groups["tellmetry", "llm.money"]
    group["rules"].append({**group["rules"][0], "uid": "llm-old"})
    server.groups["tellmetry", "theirs"] = {"rules": [{**group["rules"][0], "uid": "theirs", "ruleGroup": "theirs"}]}
    said()
    assert run("prune", "--dry-run") == 0
    assert len(server.boards) == 10
    assert run("prune") == 0
    assert set(server.boards) == BOARDS | {"team-board", "tellmetry-theirs", "tellmetry-far"}
    assert "llm-old" not in {rule["uid"] for rule in group["rules"]}
    assert server.groups["tellmetry", "theirs"]["rules"]
    said()
    assert run("prune") == 0
    assert said() == ["nothing to delete"]


def test_half_failed_and_repaired(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    server.failing = {"tellmetry-failures": 500}
    assert run("push") == 1
    assert set(server.boards) == BOARDS - {"tellmetry-failures"}
    lines = said()
    assert "tellmetry: Writing tellmetry-failures failed: Grafana says Server Error 500: internal error" in lines
    assert "tellmetry: 1 of 6 failed; the others are done. Run the same again when it is mended." in lines
    server.failing, server.seen = {}, []
    assert run("push") == 0
    assert server.writes == [("POST", "/api/dashboards/db")]


def test_what_is_not_ours_is_left(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    run("push")
    server.boards["tellmetry-cost"] |= {"tags": [], "title": "Theirs"}
    server.boards["tellmetry-overview"]["title"] = "From a file"
    server.provisioned = {"tellmetry-overview"}
    said()
    assert run("push") == 0
    lines = said()
    assert "leave   tellmetry-cost (another board has this uid: it lacks our tag, tellmetry)" in lines
    assert "leave   tellmetry-overview (Grafana has it from its provisioning files, and takes no other)" in lines
    assert server.boards["tellmetry-cost"]["title"] == "Theirs"


def one_line(said: Callable[[], list[str]]) -> str:
    (line,) = said()
    return line


def test_wrong_token(server: Grafana, run: Run, said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", "glsa_secret_of_mine")
    assert run("push") == 1
    line = one_line(said)
    assert line.endswith("does not know the token (401). Make one for a service account.")
    assert "secret" not in line


def test_no_token(server: Grafana, run: Run, said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRAFANA_TOKEN")
    assert run("push") == 1
    assert one_line(said) == "tellmetry: GRAFANA_TOKEN is not set: put a service account's token into it."


def test_token_that_may_not(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    server.failing = dict.fromkeys(BOARDS, 403)
    assert run("push") == 1
    assert sum("may not do that (403)" in line for line in said()) == 6


def test_wrong_url(run: Run, said: Callable[[], list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert run("push", "--url", f"http://127.0.0.1:{port}") == 1
    assert one_line(said).endswith("Check the URL.")
    for wrong in ("grafana.example.com", "", "http://"):
        assert run("push", "--url", wrong or "x") == 1
        assert "is no URL of a Grafana" in one_line(said)


def test_something_else_answers(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    server.html = True
    assert run("push") == 1
    assert one_line(said).endswith("but not as a Grafana does. Check the URL, and a path in it.")
    server.html = False
    assert run("push", "--url", f"{server.url}/below") == 1
    assert "not as a Grafana does" in one_line(said)


def test_old_grafana(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    server.version = "10.4.2"
    assert run("push") == 1
    assert one_line(said).endswith("is too old: the boards need 11.0 or newer.")
    assert server.writes == []


def test_data_sources(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    """The one asked for, the only one, the default one; else one sentence and nothing written."""
    second = {"uid": "prom-2", "type": "prometheus", "name": "Other", "isDefault": False}
    server.sources.append(second)
    assert run("push", "--prometheus", "prom-2") == 0
    assert '"prom-2"' in json.dumps(server.boards)
    said()
    assert run("push") == 0
    assert '"prom-1"' in json.dumps(server.boards)
    server.sources[0]["isDefault"] = False
    server.seen.clear()
    said()
    assert run("push") == 1
    assert "several prometheus data sources are there, prom-1, prom-2: choose with --prometheus UID." in one_line(said)
    assert run("push", "--prometheus", "prom-3") == 1
    assert "no prometheus data source with the uid prom-3; there is prom-1, prom-2." in one_line(said)
    server.sources = []
    assert run("push") == 1
    assert "has no prometheus data source" in one_line(said)
    assert server.writes == []


def test_without_tempo(server: Grafana, run: Run, said: Callable[[], list[str]]) -> None:
    server.sources.pop()
    assert run("push") == 0
    assert any("not exactly one Tempo data source" in line for line in said())
