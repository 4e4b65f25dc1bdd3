"""What is lost is counted, said once, told as a span, and never feeds itself."""

from __future__ import annotations

import pytest
from disk import mounted
from otlp_receiver import Receiver
from program import environment, run, stored

from tellmetry import guard, names
from tellmetry.emit import losses


@pytest.fixture(autouse=True)
def counted():
    losses.forget()
    guard.forget()
    yield guard.lost
    losses.forget()
    guard.forget()


def test_a_claim_is_what_is_new_and_can_be_given_back(counted):
    guard.lose("a", count=2)
    guard.lose("b")
    assert losses.claim() == {"a": 2, "b": 1}
    assert losses.claim() == {}
    guard.lose("a")
    again = losses.claim()
    assert again == {"a": 1}
    losses.give_back(again)
    guard.lose("a", count=4)
    assert losses.claim() == {"a": 5}
    assert counted == {"a": 7, "b": 1}


def test_each_stage_is_a_span():
    first, second = losses.spans({"a": 2, "b": 1})
    assert (first.name, first.kind, first.started_ns == first.ended_ns) == ("tellmetry lost", "internal", True)
    assert first.attributes == {names.OPERATION: names.OP_LOST, names.LOST_STAGE: "a", names.LOST_COUNT: 2}
    assert first.identity.trace_id != second.identity.trace_id


def test_each_cause_is_said_once(capsys):
    for _ in range(3):
        guard.lose("writing to the store", because="/store: full", count=2)
        guard.lose("writing to the store", because="/store: read-only")
        guard.lose("queueing a span")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert said[0] == "tellmetry: writing to the store failed (/store: full); the app is not affected, the loss is counted."


LOSE = """
import time, tellmetry
from tellmetry import guard
with tellmetry.retrieval("kb"):
    pass
guard.lose("a stage", count=3)
time.sleep(0.5)
guard.lose("a stage", count=2)
guard.lose("another")
"""


@pytest.mark.parametrize("mode", ["on", "local"])
def test_counts_leave_the_process(tmp_path, mode):
    env = environment(TELLMETRY=mode, TELLMETRY_STORE=str(tmp_path), TELLMETRY_FLUSH_S="0.1")
    with Receiver() as receiver:
        ran = run(LOSE, env=env | receiver.env)
        told = [span.attributes for span in [*receiver.spans, *stored(tmp_path)]]
    assert ran.code == 0
    lost = [one for one in told if one[names.OPERATION] == names.OP_LOST]
    assert [(one[names.LOST_STAGE], one[names.LOST_COUNT]) for one in lost] == [("a stage", 3), ("a stage", 2), ("another", 1)]


def test_a_store_that_takes_nothing_loses_each_span_once_and_no_more(tmp_path):
    """The spans that tell of it are lost there as well; counting those would never end."""
    blocked = tmp_path / "a file"
    blocked.write_text("")
    code = """
import sys, time, tellmetry
for number in range(4):
    with tellmetry.retrieval("kb"):
        pass
    time.sleep(0.15)
time.sleep(0.5)
from tellmetry import guard
print(dict(guard.lost))
"""
    env = environment(TELLMETRY="local", TELLMETRY_STORE=str(blocked), TELLMETRY_FLUSH_S="0.05")
    ran = run(code, env=env)
    assert (ran.code, ran.out) == (0, "{'writing to the store': 4}\n")
    assert len(ran.err.splitlines()) == 1
    assert str(blocked) in ran.err


def test_what_could_not_be_told_is_told_when_it_can_be(tmp_path):
    """The disk is full for a while; then there is room, and the count of the time between arrives."""
    store = tmp_path / "store"
    code = """
import os, sys, time, tellmetry
store = os.environ["TELLMETRY_STORE"]
open(store, "w").close()
for _ in range(2):
    with tellmetry.retrieval("kb"):
        pass
time.sleep(0.4)
os.unlink(store)
time.sleep(0.4)
"""
    ran = run(code, env=environment(TELLMETRY="local", TELLMETRY_STORE=str(store), TELLMETRY_FLUSH_S="0.05"))
    assert ran.code == 0
    (lost,) = stored(store)
    assert lost.attributes == {names.OPERATION: "lost", names.LOST_STAGE: "writing to the store", names.LOST_COUNT: 2}


def test_a_record_that_cannot_be_told_costs_only_itself(tmp_path):
    code = """
import tellmetry
from tellmetry.record import Retrieval
from tellmetry.operate import retrieval as place
class Odd(Retrieval):
    @property
    def name(self):
        raise RuntimeError("secret text")
make = tellmetry.retrieval._make
for number in range(3):
    if number == 1:
        tellmetry.retrieval._make = lambda self, *args, **more: Odd()
    with tellmetry.retrieval("kb"):
        pass
    tellmetry.retrieval._make = make
"""
    ran = run(code, env=environment(TELLMETRY="local", TELLMETRY_STORE=str(tmp_path)))
    assert ran.code == 0
    operations = sorted(span.attributes[names.OPERATION] for span in stored(tmp_path))
    assert operations == ["lost", "retrieval", "retrieval"]
    assert "RuntimeError" in ran.err
    assert "secret" not in ran.err
    assert len(ran.err.splitlines()) == 1


FILL = """
import sys, time, tellmetry
for number in range(400):
    with tellmetry.retrieval("kb", top_k=number) as found:
        found.results(1, ids=["x" * 200] * 4)
    if number % 40 == 0:
        time.sleep(0.05)
print("unharmed")
"""


def filled(store, code, says):
    """Run a program that fills its store, and see that it is one line, a count, and no harm."""
    ran = run(code, env=environment(TELLMETRY="local", TELLMETRY_STORE=str(store), TELLMETRY_FLUSH_S="0.01"))
    told = [span.attributes for span in stored(store)]
    kept = sum(one[names.OPERATION] == "retrieval" for one in told)
    assert (ran.code, ran.out) == (0, "unharmed\n")
    (line,) = ran.err.splitlines()
    assert says in line
    assert str(store) in line
    assert 0 < kept < 400


def test_a_full_disk_is_one_line_and_a_count(tmp_path):
    with mounted(tmp_path / "disk") as disk:
        filled(disk, FILL, "No space left on device")


def test_a_disk_that_takes_no_more_of_a_file_is_too(tmp_path):
    """The same without a mount, by the limit that a system may set on the size of files."""
    filled(tmp_path, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))" + FILL, "File too large")


def test_a_read_only_disk_is_one_line_and_a_count(tmp_path):
    with mounted(tmp_path / "disk", "ro") as disk:
        ran = run(LOSE + "print('unharmed')", env=environment(TELLMETRY="local", TELLMETRY_STORE=str(disk)))
    assert (ran.code, ran.out) == (0, "unharmed\n")
    (line,) = [line for line in ran.ours if "store" in line]
    assert "Read-only file system" in line


def test_a_read_only_store_does_not_matter_while_the_endpoint_is_there(tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with Receiver() as receiver:
        ran = run("import tellmetry\nwith tellmetry.retrieval('kb'): pass", env=environment(TELLMETRY="on", TELLMETRY_STORE=str(blocked)) | receiver.env)
        assert len(receiver.wait(1)) == 1
    assert (ran.code, ran.err) == (0, "")
