"""What the app stores goes on to the endpoint while it is stored, and stays in the store."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from otlp_receiver import Receiver

from tellmetry import names
from tellmetry.demo.follow import Follower
from tellmetry.emit import otlp_json, spool
from tellmetry.emit.spans import Finished, Own

RESOURCE = {names.SERVICE_NAME: "acme-worker"}


def line(*numbers: int) -> bytes:
    told = [Finished("chat m", "client", Own(1, n, 0, False), n, n + 1, {names.OPERATION: "chat"}, False) for n in numbers]
    return (otlp_json.dump(told, RESOURCE) + "\n").encode()


def ids(receiver: Receiver, count: int) -> list[int]:
    return sorted(int.from_bytes(span.span_id) for span in receiver.wait(count))


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    made = Receiver()
    for name, value in made.env.items():
        monkeypatch.setenv(name, value)
    return made


def test_new_lines_go_on_once_while_they_are_written(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / f"1{spool.SUFFIX}"
    file.write_bytes(line(1))
    with receiver, Follower(tmp_path) as follower:
        with file.open("ab") as more:
            more.write(line(2, 3))
            more.flush()
            assert ids(receiver, 2) == [2, 3], "what was there before is not ours to send"
            whole = line(4)
            more.write(whole[:20])
            more.flush()
            (tmp_path / f"2{spool.SUFFIX}").write_bytes(line(5))
            assert ids(receiver, 3) == [2, 3, 5]
            more.write(whole[20:])
        assert ids(receiver, 4) == [2, 3, 4, 5]
    assert follower.sent == 4 and follower.trouble is None
    assert {span.resource[names.SERVICE_NAME] for span in receiver.spans} == {"acme-worker"}
    assert len(list(spool.read_file(file))) == 3, "the store keeps everything for the account"


def test_an_endpoint_that_comes_back_gets_everything(tmp_path: Path, receiver: Receiver) -> None:
    with Follower(tmp_path) as follower:
        (tmp_path / f"1{spool.SUFFIX}").write_bytes(line(1) + line(2))
        while follower.trouble is None:
            time.sleep(0.01)
        with receiver:
            assert ids(receiver, 2) == [1, 2]
    assert follower.sent == 2


def test_an_endpoint_that_is_away_is_said(tmp_path: Path, receiver: Receiver) -> None:
    with Follower(tmp_path) as follower:
        (tmp_path / f"1{spool.SUFFIX}").write_bytes(line(1))
    assert follower.sent == 0 and follower.trouble is not None
    assert follower.url.startswith(receiver.url)


def test_the_last_line_is_not_forgotten(tmp_path: Path, receiver: Receiver) -> None:
    with receiver:
        with Follower(tmp_path):
            (tmp_path / f"1{spool.SUFFIX}").write_bytes(line(*range(1, 50)))
        assert ids(receiver, 49) == list(range(1, 50))
