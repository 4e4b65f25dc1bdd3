"""The provider as a process: prints its URL and serves until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import sys

from tellmetry.demo.provider.script import explain
from tellmetry.demo.provider.server import Provider


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tellmetry.demo.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--words", action="store_true", help="list the words of a directive and end")
    options = parser.parse_args()
    if options.words:
        sys.stdout.write(f"{explain()}\n")
        return
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the thread starts, which inherits it
    with Provider(options.port) as provider:
        sys.stdout.write(f"{provider.url}\n")
        sys.stdout.flush()
        signal.sigwait(stop)


if __name__ == "__main__":
    main()
