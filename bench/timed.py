"""The program whose CPU time is taken: does the work that its standard input asks for, and answers in microseconds.

    python -m bench.timed PEER      reads `WORK CALLS` a line, prints the app thread's CPU time a call
"""

from __future__ import annotations

import sys
import time

from bench.counted import _settle
from bench.peers import BY_NAME
from bench.work import works

_WARM_UP = 20


def main(name: str) -> None:
    """Arm the peer, then do as asked."""
    peer = BY_NAME[name]
    exec(peer.arm, {})
    known = works(peer)
    for what in ("chat", "embed", "achat"):
        known[what](_WARM_UP)
    _settle()
    print("ready", flush=True)
    for line in sys.stdin:
        what, calls = line.split()
        started = time.thread_time_ns()
        known[what](int(calls))
        print((time.thread_time_ns() - started) / int(calls) / 1e3, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
