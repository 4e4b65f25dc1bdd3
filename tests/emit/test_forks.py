"""Forks of every make: each child's records arrive, once, and what the parent had open stays the parent's."""

from __future__ import annotations

import pytest
from otlp_receiver import GrpcReceiver, Receiver
from program import environment, run, stored

from tellmetry import names

CALL = """
import os, sys, time, tellmetry
def call(number):
    with tellmetry.retrieval("kb") as found:
        found.results(number)
"""
FORK = """
def fork(child):
    pid = os.fork()
    if not pid:
        child()
    return pid
def wait(pids):
    for pid in pids:
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0, status
"""


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture(params=["local", "http", "grpc"])
def arrived(request, store):
    """Run a program and give the numbers of what arrived, wherever it should; each by the process that recorded it."""

    def arrived(code, processes, *, once=True):
        env = environment(TELLMETRY="on", TELLMETRY_STORE=str(store))
        if request.param == "local":
            ran = run(code, env=env | {"TELLMETRY": "local"})
            spans = {span.identity.span_id: span.attributes for span in stored(store)}
        else:
            with {"http": Receiver, "grpc": GrpcReceiver}[request.param]() as receiver:
                ran = run(code, env=env | receiver.env)
                spans = {int.from_bytes(span.span_id): span.attributes for span in receiver.spans}
                assert len(spans) == len(receiver.spans) or not once, "none twice"
                assert len({span.resource["service.instance.id"] for span in receiver.spans} | rest(store)) == processes
            spans |= {span.identity.span_id: span.attributes for span in stored(store)}  # what came too late to be sent
        assert ran.code == 0, ran.err
        assert said(ran) == [] or not once
        return sorted(attributes[names.RETRIEVAL_COUNT] for attributes in spans.values())

    arrived.by = request.param
    return arrived


def said(ran):
    """What was said on stderr, but for gRPC's own remarks on forks."""
    return [line for line in ran.err.splitlines() if "fork_posix.cc" not in line]


def rest(store):
    from tellmetry.emit import spool

    return {resource["service.instance.id"] for _, resource in spool.read(store)}


@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)"])
def test_a_plain_fork(arrived, end):
    """The parent has records in its queue, a thread, a connection and a lock; none of it is the child's."""
    code = CALL + FORK + f"""
call(0)
def child():
    call(os.getpid() and 1)
    {end}
wait([fork(child) for _ in range(3)])
call(2)
"""
    assert arrived(code, 4) == [0, 1, 1, 1, 2]


def test_children_of_children(arrived):
    code = CALL + FORK + """
def grandchild():
    call(2)
    os._exit(0)
def child():
    call(1)
    wait([fork(grandchild) for _ in range(2)])
    os._exit(0)
call(0)
wait([fork(child) for _ in range(2)])
"""
    assert arrived(code, 7) == [0, 1, 1, 2, 2, 2, 2]


def test_a_server_that_forks_for_each_request(arrived):
    code = CALL + """
import socketserver, socket, threading
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        call(int(self.request.recv(10)))
        self.request.sendall(b"done")
class Server(socketserver.ForkingMixIn, socketserver.TCPServer):
    pass
call(0)
with Server(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    for number in (1, 2, 3):
        with socket.create_connection(server.server_address) as asking:
            asking.sendall(str(number).encode())
            assert asking.recv(10) == b"done"
    server.shutdown()
"""
    assert arrived(code, 4) == [0, 1, 2, 3]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(arrived, tmp_path, method):
    script = tmp_path / "work.py"
    script.write_text(CALL + f"""
import multiprocessing
if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    call(0)
    workers = [multiprocessing.Process(target=call, args=(number,)) for number in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
""")
    assert arrived(script, 3) == [0, 1, 2]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools(arrived, tmp_path, method):
    script = tmp_path / "work.py"
    script.write_text(CALL + f"""
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
def work(number):
    call(number)
    time.sleep(0.05)
    return os.getpid()
if __name__ == "__main__":
    call(100)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context({method!r})) as pool:
        assert len(set(pool.map(work, range(8)))) == 2
""")
    assert arrived(script, 3) == [*range(8), 100]


def test_a_pool_that_is_terminated_keeps_what_was_flushed(arrived, tmp_path):
    """`Pool.__exit__` kills its workers: they are asked nothing, and what they had not handed over is gone."""
    script = tmp_path / "work.py"
    script.write_text(CALL + """
import multiprocessing
def work(number):
    call(number)
    tellmetry.flush()
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(work, range(4))
""")
    processes = 2
    try:
        assert arrived(script, processes) == [0, 1, 2, 3]
    except AssertionError as error:  # one worker may have done all the work
        if "== 2" not in str(error):
            raise


def test_a_fork_amid_calls_of_other_threads(arrived):
    """Whatever a thread of the parent holds at that moment, the child can call, and ends."""
    code = CALL + FORK + """
import threading
stop = threading.Event()
def busy():
    while not stop.is_set():
        call(0)
        time.sleep(0.0005)
threads = [threading.Thread(target=busy) for _ in range(4)]
for thread in threads:
    thread.start()
def child():
    call(1)
    os._exit(0)
for _ in range(10):
    wait([fork(child)])
stop.set()
for thread in threads:
    thread.join()
"""
    # gRPC breaks off a call that a fork falls into; on a busy machine a fork does not wait for the end of every call.
    assert [number for number in arrived(code, 11, once=arrived.by != "grpc") if number] == [1] * 10


def test_a_fork_right_after_the_first_import_of_a_client(store, provider):
    """The thread that loads prices is in the middle of an import; the child must not wait for it for ever."""
    code = CALL + FORK + """
import openai
def child():
    client = openai.OpenAI(base_url=sys.argv[1], api_key="k")
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])
    os._exit(0)
wait([fork(child) for _ in range(2)])
"""
    ran = run(code, provider.openai_url, env=environment(TELLMETRY="local", TELLMETRY_STORE=str(store)))
    assert (ran.code, ran.err) == (0, "")
    spans = stored(store)
    assert len(spans) == 2
    assert all(span.attributes[names.COST_USD] > 0 for span in spans)


def test_a_child_does_not_tell_its_parents_losses(store):
    code = CALL + FORK + """
from tellmetry import guard
call(0)
guard.lose("a stage", count=3)
def child():
    call(1)
    guard.lose("a stage", count=4)
    call(1)
    sys.exit(0)
wait([fork(child)])
"""
    ran = run(code, env=environment(TELLMETRY="local", TELLMETRY_STORE=str(store)))
    assert ran.code == 0
    lost = [span.attributes[names.LOST_COUNT] for span in stored(store) if span.attributes[names.OPERATION] == names.OP_LOST]
    assert sorted(lost) == [3, 4]
