"""The store on disk: bounded, readable after anything, shipped exactly once by however many."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from disk import mounted
from told import numbers, span

from tellmetry import guard
from tellmetry.emit import otlp_json, spool
from tellmetry.emit.locks import locked
from tellmetry.emit.spool import Spool
from tellmetry.settings import Settings


@pytest.fixture(autouse=True)
def counted():
    guard.forget()
    yield guard.lost
    guard.forget()


def store(at: Path, **asked) -> Spool:
    return Spool(Settings(store=at, **asked))


def lines(at: Path) -> list[str]:
    return [line for path in spool.files(at) for line in path.read_text().splitlines()]


def test_what_is_written_is_read_in_order(tmp_path):
    mine = store(tmp_path / "a" / "b")
    mine.write([span(1), span(2)])
    mine.write([span(3)])
    assert len(spool.files(mine.directory)) == 1
    assert numbers(spool.read(mine.directory)) == [1, 2, 3]
    assert {told_by["service.instance.id"] for _, told_by in spool.read(mine.directory)} == {mine.resource["service.instance.id"]}


def test_only_its_owner_may_look_into_a_store_that_we_make(tmp_path):
    store(tmp_path / "mine").write([span()])
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700
    (tmp_path / "theirs").mkdir(mode=0o755)
    store(tmp_path / "theirs").write([span()])
    assert (tmp_path / "theirs").stat().st_mode & 0o777 == 0o755


def test_no_store_is_an_empty_store(tmp_path):
    assert list(spool.read(tmp_path / "none")) == []
    assert store(tmp_path / "none").ship(lambda *batch: pytest.fail("nothing to send"))
    assert not (tmp_path / "none").exists()


# -- bounds --------------------------------------------------------------------------------------------------------
def test_a_file_is_followed_by_another_when_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "FILE_BYTES", 3000)
    mine = store(tmp_path)
    for number in range(40):
        mine.write([span(number)])
    sizes = [path.stat().st_size for path in spool.files(tmp_path)]
    assert len(sizes) > 3
    assert max(sizes) <= 3000
    assert numbers(spool.read(tmp_path)) == list(range(40))


def test_a_process_that_says_little_begins_a_new_file_now_and_then(tmp_path, monkeypatch):
    mine = store(tmp_path)
    mine.write([span(1)])
    monkeypatch.setattr(mine, "_next_file_s", time.monotonic() - 1)
    mine.write([span(2)])
    assert len(spool.files(tmp_path)) == 2


def test_the_store_stays_within_its_bytes_and_counts_what_it_drops(tmp_path, counted):
    mine = store(tmp_path, store_bytes=20_000)
    for number in range(200):
        mine.write([span(number)])
        assert sum(path.stat().st_size for path in spool.files(tmp_path)) <= 20_000
    kept = numbers(spool.read(tmp_path))
    assert kept == list(range(200 - len(kept), 200)), "the oldest go first"
    assert len(kept) > 10
    assert counted["keeping the store within its bounds"] == 200 - len(kept)


def test_what_is_too_old_goes_and_is_counted(tmp_path, counted):
    store(tmp_path).write([span(1), span(2)])
    week_ago = time.time() - 8 * 86_400
    os.utime(spool.files(tmp_path)[0], (week_ago, week_ago))
    store(tmp_path).write([span(3)])
    assert numbers(spool.read(tmp_path)) == [3]
    assert counted["keeping the store within its bounds"] == 2


def test_what_another_process_is_sending_is_not_dropped(tmp_path, counted):
    store(tmp_path).write([span(1)])
    (path,) = spool.files(tmp_path)
    os.utime(path, (0, 0))
    path.rename(path.with_suffix(".shipping"))
    with locked(tmp_path, "shipper"):
        store(tmp_path).write([span(2)])
        assert numbers(spool.read(tmp_path)) == [1, 2]
    store(tmp_path).write([span(3)])
    assert numbers(spool.read(tmp_path)) == [2, 3], "nobody is sending it any more"
    assert counted["keeping the store within its bounds"] == 1


# -- damage --------------------------------------------------------------------------------------------------------
def test_a_torn_last_line_costs_only_itself(tmp_path, counted, capsys):
    mine = store(tmp_path)
    mine.write([span(1)])
    mine.write([span(2)])
    (path,) = spool.files(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    store(tmp_path).write([span(3)])
    assert numbers(spool.read(tmp_path)) == [1, 3]
    assert numbers(spool.read(tmp_path)) == [1, 3]
    assert counted["reading a torn line of the store"] == 2
    assert capsys.readouterr().err.count("\n") == 1, "said once"


@pytest.mark.parametrize("line", [b"hello", b'{"resourceLogs":[]}', b"\xff\xfe\x00", b"[]", b"[" * 100_000])
def test_a_foreign_line_costs_only_itself(tmp_path, line):
    mine = store(tmp_path)
    mine.write([span(1)])
    (path,) = spool.files(tmp_path)
    with path.open("ab") as file:
        file.write(line + b"\n\n")
    mine.write([span(2)])
    torn = []
    assert numbers(spool.read(tmp_path, torn.append)) == [1, 2]
    assert torn == [path]


def test_a_file_of_an_older_version_is_read_and_shipped(tmp_path):
    """0.0.x wrote one span a line, no flags, no status, and named its scope otherwise."""
    old = {
        "resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {"name": "tellmetry-old"}, "spans": [{
            "traceId": "0a" * 16, "spanId": "0b" * 8, "name": "chat m", "kind": 3, "startTimeUnixNano": "5",
            "endTimeUnixNano": "9", "attributes": [{"key": "number", "value": {"intValue": "7"}}],
        }]}]}]
    }  # fmt: skip
    (tmp_path / f"00000000000000000001-1{spool.SUFFIX}").write_text(json.dumps(old) + "\n")
    store(tmp_path).write([span(8)])
    assert numbers(spool.read(tmp_path)) == [7, 8]
    sent = []
    assert store(tmp_path).ship(lambda *batch: sent.append(batch) or True)
    assert numbers(sent) == [7, 8]


def test_a_store_that_is_deleted_is_made_again(tmp_path):
    mine = store(tmp_path / "s")
    mine.write([span(1)])
    for path in (tmp_path / "s").iterdir():
        path.unlink()
    (tmp_path / "s").rmdir()
    mine.write([span(2)])
    assert numbers(spool.read(tmp_path / "s")) == [2]


def test_a_full_disk_takes_whole_lines_or_none(tmp_path):
    with mounted(tmp_path / "disk"):
        mine = store(tmp_path / "disk")
        written = 0
        with pytest.raises(OSError) as full:
            for number in range(1000):
                mine.write([span(number, note="x" * 700)])
                written += 1
        assert full.value.errno == errno.ENOSPC
        assert 10 < written < 100
        with pytest.raises(OSError):
            mine.write([span(1001, note="y" * 2000)])
        (filler,) = spool.files(tmp_path / "disk")
        assert filler.read_bytes().endswith(b"}\n"), "no half line is left"
        assert numbers(spool.read(tmp_path / "disk")) == list(range(written))


def test_a_partial_write_is_taken_back(tmp_path, monkeypatch):
    """The same without a mount: the disk takes half a line, then none."""
    mine = store(tmp_path)
    mine.write([span(1)])
    (path,) = spool.files(tmp_path)

    class Disk:
        def __init__(self, file):
            self.file, self.left = file, 100

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            if not self.left:
                raise OSError(errno.ENOSPC, "No space left on device")
            done, self.left = self.file.write(data[: self.left]), 0
            return done

    with monkeypatch.context() as patch:
        patch.setattr(spool, "open", lambda *how, **more: Disk(open(*how, **more)), raising=False)
        with pytest.raises(OSError):
            mine.write([span(2)])
    mine.write([span(3)])
    assert numbers(spool.read(tmp_path)) == [1, 3]


# -- shipping --------------------------------------------------------------------------------------------------------
def test_shipping_empties_the_store_oldest_first(tmp_path):
    for number in range(3):
        store(tmp_path).write([span(number)])
    sent = []
    assert store(tmp_path).ship(lambda *batch: sent.append(batch) or True)
    assert numbers(sent) == [0, 1, 2]
    assert spool.files(tmp_path) == []


def test_what_the_endpoint_does_not_take_stays_and_nothing_is_sent_twice(tmp_path):
    mine = store(tmp_path)
    for number in range(5):
        mine.write([span(number)])
    sent = []

    def until_three(told, told_by):
        if len(sent) == 3:
            return False
        sent.append((told, told_by))
        return True

    assert not mine.ship(until_three)
    assert numbers(spool.read(tmp_path)) == [3, 4], "a reader sees what is left"
    mine.write([span(5)])
    assert store(tmp_path).ship(lambda *batch: sent.append(batch) or True)
    assert numbers(sent) == [0, 1, 2, 3, 4, 5]
    assert spool.files(tmp_path) == []


def test_a_shipper_that_died_is_continued_by_the_next(tmp_path):
    mine = store(tmp_path)
    mine.write([span(1)])
    (path,) = spool.files(tmp_path)
    path.rename(path.with_suffix(".shipping"))
    mine.write([span(2)])  # under the name that its file had
    assert [one.name for one in spool.files(tmp_path)] == [path.with_suffix(".shipping").name, path.name]
    sent = []
    assert store(tmp_path).ship(lambda *batch: sent.append(batch) or True)
    assert numbers(sent) == [1, 2]


def test_there_is_one_shipper_at_a_time(tmp_path):
    store(tmp_path).write([span(1)])
    with locked(tmp_path, "shipper"):
        assert not store(tmp_path).ship(lambda *batch: pytest.fail("another one is at it"))
    assert numbers(spool.read(tmp_path)) == [1]


def test_nobody_takes_a_file_while_somebody_is_in_the_middle_of_a_line(tmp_path):
    store(tmp_path).write([span(1)])
    (path,) = spool.files(tmp_path)
    sent = []
    shipper = threading.Thread(target=lambda: store(tmp_path).ship(lambda *batch: sent.append(batch) or True))
    with locked(tmp_path, "writers", shared=True), path.open("ab") as file:
        shipper.start()
        time.sleep(0.2)
        file.write((otlp_json.dump([span(2)], {}) + "\n").encode())
        assert sent == []
    shipper.join(10)
    assert numbers(sent) == [1, 2]


def test_a_lock_does_not_stay_with_a_forked_child(tmp_path):
    with locked(tmp_path, "shipper"):
        child = os.fork()
        if not child:
            time.sleep(5)
            os._exit(0)
    try:
        with locked(tmp_path, "shipper", wait=False) as mine:
            free = mine
        until = time.monotonic() + 4
        while not free and time.monotonic() < until:  # the child closes it as soon as it runs
            time.sleep(0.02)
            with locked(tmp_path, "shipper", wait=False) as mine:
                free = mine
        assert free
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


_WRITER = """
import sys; sys.path[:0] = [sys.argv[3]]
from pathlib import Path
from told import span
from tellmetry.emit.spool import Spool
from tellmetry.settings import Settings
mine = Spool(Settings(store=Path(sys.argv[1])))
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 300):
    mine.write([span(number)])
"""
_SHIPPER = """
import sys, time; sys.path[:0] = [sys.argv[3]]
from pathlib import Path
from told import numbers
from tellmetry.emit.spool import Spool, files
from tellmetry.settings import Settings
sent = open(sys.argv[2], "w")
def send(*batch):
    print(*numbers([batch]), sep="\\n", file=sent, flush=True)
    return True
stop = Path(sys.argv[1]) / "stop"
while True:
    time.sleep(0.01)
    last = stop.exists()
    done = Spool(Settings(store=Path(sys.argv[1]))).ship(send)
    if last and done and not files(Path(sys.argv[1])):
        break
"""


def test_two_processes_drain_while_three_write_and_every_span_is_sent_once(tmp_path):
    at, here = tmp_path / "store", str(Path(__file__).parents[1])
    at.mkdir()
    run = lambda code, *args: subprocess.Popen([sys.executable, "-c", code, str(at), *map(str, args), here])  # noqa: E731
    shippers = [run(_SHIPPER, tmp_path / f"sent{one}") for one in range(2)]
    writers = [run(_WRITER, start) for start in (0, 300, 600)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    (at / "stop").touch()
    assert [shipper.wait(60) for shipper in shippers] == [0, 0]
    sent = [int(number) for one in range(2) for number in (tmp_path / f"sent{one}").read_text().split()]
    assert sorted(sent) == list(range(900))


def test_the_collector_can_read_what_is_stored(tmp_path):
    """One ExportTraceServiceRequest a line, as the otlpjsonfile receiver wants it."""
    store(tmp_path).write([span(1)])
    (line,) = lines(tmp_path)
    assert list(json.loads(line)) == ["resourceSpans"]
    assert list(otlp_json.load(line))
