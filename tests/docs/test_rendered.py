"""The rendered pages are as the source says, and the links in all pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.source.__main__ import rendered

from tellmetry.clients import CATALOGUE
from tests.suite import STEPS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "dashboards" / "README.md"]


@pytest.mark.parametrize("path", rendered(), ids=lambda path: path.name)
def test_page(path: Path) -> None:
    assert path.read_text("utf-8") == rendered()[path], "render it again: python -m docs.source"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links(page: Path) -> None:
    found = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in found if not (page.parent / target).exists()] == []


def test_every_picture_is_shown() -> None:
    pictures = {path for path in (ROOT / "docs" / "images").rglob("*") if path.is_file()}
    shown = {(page.parent / target).resolve() for page in PAGES for target in re.findall(r"!\[.*?\]\(([^)]+)\)", page.read_text("utf-8"))}
    assert shown == pictures


def test_readme_names_every_client() -> None:
    """What is recorded stands in the README, a line a kind, however a name is spelt there."""
    said = re.sub(r"[^a-z0-9]", "", (ROOT / "README.md").read_text("utf-8").partition("### What is recorded")[2].partition("###")[0].lower())
    assert [row.name for row in CATALOGUE if row.name.replace("_", "") not in said] == []


def test_contributing_names_every_step() -> None:
    """The steps and environments of the suite stand in CONTRIBUTING."""
    said = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    environments = {path.stem for path in (ROOT / "tests" / "envs").glob("*.txt") if not path.stem.endswith("-overrides")} - {"base"}
    assert [name for name in (*STEPS, *environments) if f"`{name}`" not in said] == []
