"""Render the pages that are loops over the source: `python -m docs.source`."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.source import clients, settings, spans

HOME = Path(__file__).resolve().parents[1]
HEADER = "<!-- Rendered from the source by `python -m docs.source`: do not edit. -->\n\n"
PAGES = {"clients.md": clients.page, "settings.md": settings.page, "spans.md": spans.page}


def rendered() -> dict[Path, str]:
    """Give every rendered page and its exact content."""
    return {HOME / name: HEADER + page() for name, page in PAGES.items()}


def main() -> int:
    """Write the pages that changed, a line for each."""
    for path, content in rendered().items():
        if not path.exists() or path.read_text("utf-8") != content:
            path.write_text(content, "utf-8")
            sys.stdout.write(f"{path.relative_to(HOME.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
