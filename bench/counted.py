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


def main(name: str, wanted: list[str]) -> None:
    """Arm the peer, warm everything up, and count."""
    peer = BY_NAME[name]
    exec(peer.arm, {})
    known = {what: work for what, work in works(peer).items() if not wanted or what in wanted}
    for work in known.values():
        work(_WARM_UP)
    _settle()
    gc.collect()
    gc.freeze()
    for what, work in known.items():
        for calls in CALLS.get(what, STREAMS):
            _in_child(what, work, calls)


def _settle() -> None:
    """Wait until nothing is left to load beside the app."""
    totals = sys.modules.get("tellmetry.emit.totals")
    until = time.monotonic() + _LONGEST_S
    while totals is not None and not totals.ready():
        if time.monotonic() > until:
            sys.exit("bench: the price table was not loaded in time")
        time.sleep(0.1)


def _in_child(what: str, work: Work, calls: int) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            gc.disable()  # when it comes is chance, and one look through all that the client made is more than our chunk
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
