"""The committed table is the installed list's, and a newer installed list takes its place."""

from __future__ import annotations

import json
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from tellmetry import prices
from tellmetry.prices import compile as compiling
from tellmetry.prices import table as tables
from tellmetry.prices.table import Table, shipped

USAGE = prices.Usage(input_tokens=1000, output_tokens=5)
TABLE = Path(tables.__file__).with_name("table.jsonl")


def as_version(text: str, number: str) -> str:
    """Say that a table is another version's."""
    first, _, body = text.partition("\n")
    return f"{json.dumps(json.loads(first) | {'version': number})}\n{body}"


def source() -> str | None:
    cost = prices.quote("openai", ("gpt-4o",), USAGE)
    return cost and cost.source


def test_the_committed_table_is_what_the_installed_list_renders() -> None:
    """With another genai-prices than the table's, rendering must still give a whole table of that version."""
    text = compiling.render()
    assert Table(text).version == version("genai-prices")
    if shipped().version == version("genai-prices"):
        assert TABLE.read_text("utf-8") == text, "render it: python -m tellmetry.prices.compile"


def test_the_installed_version_is_read_off_its_directory() -> None:
    assert prices._installed_version() == version("genai-prices")


@pytest.mark.parametrize("spoil", [
    lambda text: "",
    lambda text: "\n",
    lambda text: "[1]\n",
    lambda text: "not json\n" + text,
    lambda text: text[:-20],
    lambda text: text.replace("gpt-4o", "gpt-4x", 1),
    lambda text: text[: len(text) // 2],
    lambda text: text.replace('"format":1', '"format":0'),
])  # fmt: skip
def test_a_damaged_table_is_refused(spoil: object) -> None:
    with pytest.raises(ValueError):
        Table(spoil(TABLE.read_text("utf-8")))  # type: ignore[operator]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ship an old table, so that the installed list is newer."""
    monkeypatch.setattr(prices, "_table", None)
    monkeypatch.setattr(prices, "shipped", lambda: Table(as_version(TABLE.read_text("utf-8"), "0.0.9")))


def test_a_newer_installed_list_is_compiled_once_and_kept(
    older: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not prices.ready()
    assert source() == "list:genai-prices-0.0.9"
    assert prices.ready()
    prices.preload(tmp_path / "new")
    assert source() == f"list:genai-prices-{version('genai-prices')}"
    (kept,) = (tmp_path / "new").iterdir()
    assert kept.read_text("utf-8") == compiling.render()

    def never() -> str:
        raise AssertionError("compiled again")

    monkeypatch.setattr(compiling, "render", never)
    monkeypatch.setattr(prices, "_table", None)
    monkeypatch.setattr(prices, "_book", None)
    prices.preload(tmp_path / "new")
    assert source() == f"list:genai-prices-{version('genai-prices')}"


OTHER = as_version(TABLE.read_text("utf-8"), "0.0.1")


@pytest.mark.parametrize("torn", ["", "{}", "x" * 100, None, OTHER])
def test_a_kept_list_that_is_damaged_is_made_again(older: None, tmp_path: Path, torn: str | None) -> None:
    kept = tmp_path / f"prices-{version('genai-prices')}.jsonl"
    kept.write_text(TABLE.read_text("utf-8")[:9999] if torn is None else torn)
    prices.preload(tmp_path)
    assert source() == f"list:genai-prices-{version('genai-prices')}"
    assert kept.read_text("utf-8") == compiling.render()


def test_a_cache_that_cannot_be_written_is_done_without(older: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    prices.preload(tmp_path / "file")
    assert source() == f"list:genai-prices-{version('genai-prices')}"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_keeps_no_half_of_a_table(older: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, text: str, encoding: str) -> int:
        self.write_bytes(text[:100].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    prices.preload(tmp_path)
    assert source() == f"list:genai-prices-{version('genai-prices')}"
    assert [*tmp_path.iterdir()] == []


def test_no_cache_directory_is_done_without(older: None) -> None:
    prices.preload()
    assert source() == f"list:genai-prices-{version('genai-prices')}"


def test_a_list_that_cannot_be_compiled_is_told_and_the_shipped_one_stays(
    older: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise TypeError("unknown price constraint")

    monkeypatch.setattr(compiling, "render", broken)
    with pytest.raises(TypeError):
        prices.preload()
    assert source() == "list:genai-prices-0.0.9"


@pytest.mark.parametrize("installed", [None, "0.0.1", "0.2.3"])
def test_no_list_or_an_older_one_changes_nothing(installed: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old pin of genai-prices, by whatever package, does not take newer prices away."""
    monkeypatch.setattr(prices, "_installed_version", lambda: installed)
    monkeypatch.setattr(prices, "shipped", lambda: Table(as_version(TABLE.read_text("utf-8"), "0.2.10")))
    monkeypatch.setattr(prices, "_table", None)
    prices.preload()
    assert source() == "list:genai-prices-0.2.10"


def test_own_prices_survive_a_new_list(older: None, tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text('[[price]]\nmodel = "gpt-4o"\ninput_per_mtok = 1\n')
    prices.load_custom(own)
    assert source() == "custom"
    prices.preload()
    assert source() == "custom"


def test_threads_that_start_together_agree(older: None, tmp_path: Path) -> None:
    """Quote, preload and load own prices at once: nobody waits for a lock, the last word counts."""
    own = tmp_path / "prices.toml"
    own.write_text('[[price]]\nmodel = "own"\ninput_per_mtok = 1\noutput_per_mtok = 1\n')
    failures: list[BaseException] = []

    def run(act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    acts = [source, source, lambda: prices.load_custom(own), prices.preload, source]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert source() == f"list:genai-prices-{version('genai-prices')}"
    cost = prices.quote("openai", ("own",), USAGE)
    assert cost is not None
    assert cost.source == "custom"
