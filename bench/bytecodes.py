"""Python's own instructions: every bytecode of one piece of work, counted by the interpreter itself.

    python -m bench.bytecodes PEER      prints bytecodes a call, of the app's thread and of our own, as JSON

The same on every machine of one Python version and needs no valgrind, which is why CI counts these. C code counts as the
instruction that calls it, so the figures of the tables are callgrind's.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any


def count(work: Callable[[], Any]) -> Counter[str]:
    """Run some work on this thread and give its bytecodes by function."""
    seen: Counter[Any] = Counter()

    def step(frame: FrameType, event: str, told: Any) -> Any:
        if event == "opcode":
            seen[frame.f_code] += 1
        return step

    def entered(frame: FrameType, event: str, told: Any) -> Any:
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return step

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        work()
    finally:
        sys.settrace(before)
    return Counter({f"{code.co_filename}:{code.co_qualname}": times for code, times in seen.items()})


_WARM_UP, _CALLS = 4, 4
_WORKS = ("chat", "achat", "embed", "stream_short", "stream_long", "retrieval", "guardrail")


def main(name: str) -> None:
    """Count every work of one peer."""
    from bench.counted import _settle
    from bench.peers import BY_NAME
    from bench.work import works

    os.environ["TELLMETRY_FLUSH_S"] = "3600"  # our thread sleeps, and what it would do is done and counted here
    peer = BY_NAME[name]
    exec(peer.arm, {})
    known = works(peer)
    told: dict[str, Any] = {}
    for what in _WORKS:
        if what in known:
            known[what](_WARM_UP)
            _settle()
            _drain()
            app = count(lambda: known[what](_CALLS))
            told[what] = {"app": app.total() / _CALLS, "thread": count(_drain).total() / _CALLS}
    print(json.dumps(told), flush=True)
    os._exit(0)


def _drain() -> None:
    worker = sys.modules.get("tellmetry.emit.worker")
    if worker is not None and worker._courier is not None:
        worker._courier._drain()


if __name__ == "__main__":
    main(sys.argv[1])
