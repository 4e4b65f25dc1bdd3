"""`tellmetry ship`: empties the store into the endpoint, and says when it could not."""

from __future__ import annotations

import os

import pytest
from otlp_receiver import NOBODY, GrpcReceiver, Receiver
from told import numbers, span

from tellmetry.cli import main
from tellmetry.cli.ship import BUSY, SHIPPED, TROUBLE
from tellmetry.emit import spool
from tellmetry.emit.locks import locked
from tellmetry.emit.spool import Spool
from tellmetry.settings import Settings


@pytest.fixture
def store(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("TELLMETRY", "OTEL_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TELLMETRY_STORE", str(tmp_path))
    mine = Spool(Settings(store=tmp_path))
    for start in range(0, 10, 2):
        mine.write([span(start), span(start + 1)])
    return tmp_path


@pytest.mark.parametrize("kind", [Receiver, GrpcReceiver], ids=["http", "grpc"])
def test_everything_goes_and_is_counted(store, monkeypatch, capsys, kind):
    with kind() as receiver:
        for name, value in receiver.env.items():
            monkeypatch.setenv(name, value)
        assert main(["ship"]) == SHIPPED
        assert [one.attributes["number"] for one in receiver.wait(10)] == list(range(10))
        assert len({one.resource["service.instance.id"] for one in receiver.spans}) == 1
        out, err = capsys.readouterr()
        assert out.startswith("10 spans sent to http")
        assert (str(store) in out, err) == (True, "")
        assert spool.files(store) == []
        assert main(["ship"]) == SHIPPED
        assert capsys.readouterr().out == f"0 spans sent from {store}.\n"
        assert len(receiver.spans) == 10


def test_an_endpoint_that_is_away_leaves_everything(store, monkeypatch, capsys):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    assert main(["ship"]) == TROUBLE
    out, err = capsys.readouterr()
    assert out.startswith("0 spans sent")
    assert len(err.splitlines()) == 1
    assert "nothing listens there" in err
    assert numbers(spool.read(store)) == list(range(10))


def test_an_endpoint_that_stops_amid_leaves_the_rest(store, monkeypatch, capsys):
    with Receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        take = receiver.take

        def twice(message):
            answer = take(message)
            if len(receiver.spans) >= 4:
                receiver.mode = 503
            return answer

        monkeypatch.setattr(receiver, "take", twice)
        assert main(["ship"]) == TROUBLE
        assert capsys.readouterr().out.startswith("4 spans sent")
        assert numbers(spool.read(store)) == [4, 5, 6, 7, 8, 9]
        monkeypatch.setattr(receiver, "take", take)
        receiver.mode = "take"
        assert main(["ship"]) == SHIPPED
        assert [one.attributes["number"] for one in receiver.wait(10)] == list(range(10)), "none twice"


def test_a_variable_that_makes_no_sense(store, monkeypatch, capsys):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    assert main(["ship"]) == TROUBLE
    assert "OTEL_EXPORTER_OTLP_PROTOCOL='http/json'" in capsys.readouterr().err


def test_another_process_at_it(store, monkeypatch, capsys):
    with locked(store, "shipper"):
        assert main(["ship"]) == BUSY
    assert "another process" in capsys.readouterr().err


def test_another_store(store, tmp_path_factory, monkeypatch, capsys):
    other = tmp_path_factory.mktemp("other")
    Spool(Settings(store=other)).write([span(99)])
    with Receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        assert main(["ship", "--store", str(other)]) == SHIPPED
        assert [one.attributes["number"] for one in receiver.wait(1)] == [99]
    assert numbers(spool.read(store)) == list(range(10))
