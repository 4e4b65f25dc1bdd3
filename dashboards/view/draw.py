"""Draw boards to PNG files: `python -m dashboards.view.draw --prometheus URL [--tempo URL] --out DIR [BOARD ...]`."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dashboards.view import page
from dashboards.view.queries import JSON, Sources, drawing

BOARDS = Path(__file__).resolve().parents[1]
NAMES = tuple(sorted(path.stem for path in BOARDS.glob("*.json")))
_WIDTH = 1600
_TALL = 4000  # higher than any board; the page says how high it really is
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--hide-scrollbars", "--force-color-profile=srgb",
)  # fmt: skip


def draw(board: str, sources: Sources, to: Path, chosen: dict[str, str] | None = None) -> list[str]:
    """Draw one board to a PNG file; give what is wrong with it, nothing where nothing is."""
    told = drawing(json.loads((BOARDS / f"{board}.json").read_text()), sources, chosen or {})
    with _serving(page.built(), told) as url:
        verdict = _verdict(_chromium(url, "--dump-dom"))
        _chromium(url, f"--screenshot={to.resolve()}", height=verdict["height"])
    return [str(one) for one in verdict["complaints"]]


def _chromium(url: str, *asked: str, height: int = _TALL) -> str:
    """Run the browser once; its clock runs ahead, so that all timers of the page have rung."""
    with tempfile.TemporaryDirectory(prefix="tellmetry-view-") as profile:
        size = f"--window-size={_WIDTH},{height}"
        command = [page.chromium(), *_FLAGS, f"--user-data-dir={profile}", size, "--virtual-time-budget=20000", *asked, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    return done.stdout


def _verdict(dom: str) -> JSON:
    found = re.search(r'<pre id="verdict"[^>]*>(.*?)</pre>', dom, re.DOTALL)
    if found is None:
        raise RuntimeError(f"the page never finished drawing; its end: {dom[-1500:]}")
    return dict(json.loads(html.unescape(found[1])))


@contextmanager
def _serving(folder: Path, told: JSON) -> Iterator[str]:
    """Serve the built page on loopback, and beside it the data of this drawing."""
    body = json.dumps(told).encode()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/drawing.json":
                return super().do_GET()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)
            return None

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def main() -> int:
    """Draw what is asked for; 1 where something is wrong with a board."""
    parser = ArgumentParser(prog="python -m dashboards.view.draw", description=__doc__)
    parser.add_argument("board", nargs="*", choices=(*NAMES, []), help="which boards (default: all)")
    parser.add_argument("--prometheus", required=True, metavar="URL")
    parser.add_argument("--tempo", metavar="URL")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--end", type=int, default=int(time.time()), help="seconds since the epoch (default: now)")
    parser.add_argument("--hours", type=float, default=6.0, help="how far back (default: 6)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    sources = Sources(args.prometheus, args.tempo, args.end - int(args.hours * 3600), args.end)
    wrong = 0
    for board in args.board or NAMES:
        complaints = draw(board, sources, args.out / f"{board}.png")
        wrong += len(complaints)
        sys.stdout.write("".join(f"{board}: {one}\n" for one in complaints) or f"{board}: drawn\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
