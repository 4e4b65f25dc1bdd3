"""The program that callgrind watches: one start, uncounted, then a forked child for every work and number of calls.

    python -m bench.counted PEER [WORK ...]     prints `WORK CALLS PID` a line; callgrind prints each child's total
"""

from __future__ import annotations

import gc
import os
import sys
import time

from bench.peers import BY_NAME
from bench.valgrind import start_counting
from bench.work import Work, works

CALLS = {"chat": (10, 70), "achat": (10, 70), "embed": (10, 70), "retrieval": (50, 150), "guardrail": (50, 150)}
STREAMS = (2, 8)
_WARM_UP = 3
_LONGEST_S = 120.0
_NEVER = 2**30


def main(name: str, wanted: list[str]) -> None:
    """Arm the peer, warm everything up, and count; streams once more without the peer, where it can be taken out.

    The client itself takes two hundred times as much for a chunk as we do, and some thousand instructions more or less
    from one process to the next: only the same process with and without us tells what we add.
    """
    peer = BY_NAME[name]
    exec(peer.arm, {})
    known = {what: work for what, work in works(peer).items() if not wanted or what in wanted}
    for work in known.values():
        work(_WARM_UP)
    _settle()
    gc.collect()
    gc.freeze()
    for what, work in known.items():
        _in_children(what, work)
    if peer.disarm:
        exec(peer.disarm, {})
        for what in known:
            if "stream" in what:
                _in_children(f"{what}_alone", known[what])


def _settle() -> None:
    """Wait until nothing is left to load beside the app."""
    totals = sys.modules.get("tellmetry.emit.totals")
    until = time.monotonic() + _LONGEST_S
    while totals is not None and not totals.ready():
        if time.monotonic() > until:
            sys.exit("bench: the price table was not loaded in time")
        time.sleep(0.1)


def _in_children(what: str, work: Work) -> None:
    for calls in CALLS.get(what, STREAMS):
        _in_child(what, work, calls)


def _in_child(what: str, work: Work, calls: int) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            gc.set_threshold(_NEVER)  # when it comes is chance, and one look through all there is is more than our chunk
            start_counting()
            work(calls)
            if "tellmetry" in sys.modules:
                sys.modules["tellmetry"].flush(600.0)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    print(what, calls, pid, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
