"""The rendered pages are as the source says, and the links in all pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.source.__main__ import rendered

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "dashboards" / "README.md"]


@pytest.mark.parametrize("path", rendered(), ids=lambda path: path.name)
def test_page(path: Path) -> None:
    assert path.read_text("utf-8") == rendered()[path], "render it again: python -m docs.source"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links(page: Path) -> None:
    found = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in found if not (page.parent / target).exists()] == []
