"""The user's own prices: what a good file does, and the one sentence that each mistake gets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tellmetry import prices
from tellmetry.prices.custom import keys
from tellmetry.prices.table import Table

MILLION = prices.Usage(input_tokens=1_000_000, output_tokens=1_000_000)

GOOD = """
[[price]]
provider = "OpenAI"
model = "ft:gpt-4o-mini:acme*"
batch = true
input_per_mtok = 0.15
output_per_mtok = 0.60

[[price]]
provider = "openai"
model = "ft:gpt-4o-mini:acme*"
input_per_mtok = 0.30
cache_read_per_mtok = 0.10
output_per_mtok = 1.20
web_searches_per_thousand = 10
per_request = 0.01

[[price]]
provider = "azure*"
model = "*"
service_tier = "Flex"
input_per_mtok = 7
output_per_mtok = 7

[[price]]
model = "gpt-4o"
input_per_mtok = 1
output_per_mtok = 2

[[price]]
provider = "ollama"
model = "*"
input_per_mtok = 0
output_per_mtok = 0

[[price]]
model = "speech"
audio_per_minute = 0.006

[[price]]
model = "talk"
output_audio_per_hour = 1.8
audio_per_hour = 3.6

[[price]]
model = "painter"
per_image = 0.04
"""


@pytest.fixture
def own(tmp_path: Path) -> Any:
    """Load a text as the price file."""

    def load(text: str, name: str = "prices.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        prices.load_custom(path)
        return path

    return load


def usd(provider: str, model: str, usage: prices.Usage = MILLION, **asked: Any) -> float | None:
    cost = prices.quote(provider, (model,), usage, **asked)
    assert cost is None or cost.source in ("custom", prices._publish().table.source)
    return cost.usd if cost and cost.source == "custom" else None


def test_a_good_file(own: Any) -> None:
    own(GOOD)
    tuned = "ft:gpt-4o-mini:ACME::x1"
    assert usd("openai", tuned) == 1.51
    assert usd("openai", tuned, batch=True) == 0.75
    assert usd("openai", tuned, {"input_tokens": 1_000_000, "cache_read_tokens": 500_000, "web_searches": 3}) == 0.24
    assert usd("anthropic", tuned) is None
    assert usd("openai", "ft:gpt-4o-mini:other::x1") is None
    assert usd("openai", "gpt-4o") == usd("anyone", "GPT-4o") == 3
    assert usd("openai", "gpt-4o-mini") is None  # the list's
    assert usd("azure.ai.openai", "gpt-4o-mini", service_tier="flex") == 14
    assert usd("azure.ai.openai", "gpt-4o-mini") is None
    assert usd("ollama", "llama3") == 0
    assert usd("x", "speech", {"audio_seconds": 30.0}) == 0.003
    assert usd("x", "talk", {"audio_seconds": 1500, "output_audio_seconds": 500}) == 1.25
    assert usd("x", "painter", {"images": 3}) == 0.12


def test_saved_and_unpriced_are_told_as_for_the_list(own: Any) -> None:
    own(GOOD)
    usage = prices.Usage(input_tokens=1_000_000, cache_read_tokens=500_000, output_tokens=0, code_executions=2)
    cost = prices.quote("openai", ("ft:gpt-4o-mini:acme",), usage)
    assert cost == prices.Cost(0.21, 0.1, "custom", 0.0, ("code_executions",))


def test_own_prices_of_any_name_come_before_the_list(own: Any) -> None:
    """The deployment's own price wins although the list knows the model that answered."""
    own('[[price]]\nmodel = "our-deployment"\ninput_per_mtok = 5\noutput_per_mtok = 5\n')
    cost = prices.quote("azure.ai.openai", ("gpt-4o-2024-08-06", "our-deployment"), MILLION)
    assert cost is not None
    assert (cost.usd, cost.source) == (10, "custom")


def test_a_provider_may_be_named_as_in_the_span_or_as_in_the_list(own: Any) -> None:
    own('[[price]]\nprovider = "google"\nmodel = "g"\ninput_per_mtok = 1\noutput_per_mtok = 1\n')
    assert usd("gcp.vertex_ai", "g") == usd("google", "g") == 2
    assert usd("openai", "g", api_url="https://generativelanguage.googleapis.com/v1beta/openai") == 2
    assert usd("openai", "g") is None


def test_prices_are_exact(own: Any) -> None:
    """A third file format would not help: 0.1 in the file is a tenth of a dollar, not the float near it."""
    own('[[price]]\nmodel = "m"\ninput_per_mtok = 0.1\noutput_per_mtok = 0.000000000000000001\nper_request = 1e-3\n')
    assert usd("x", "m", {"input_tokens": 3_000_000, "output_tokens": 0}) == 0.301


def test_yaml(own: Any) -> None:
    own("price:\n- {model: gpt-4o, input_per_mtok: 0.1, output_per_mtok: 2}\ncurrency: USD\n", "prices.yaml")
    assert usd("openai", "gpt-4o", {"input_tokens": 3_000_000, "output_tokens": 0}) == 0.3


def test_yaml_without_pyyaml(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(prices.PriceFileError, match=r"needs PyYAML; install pyyaml or write the file as TOML\.$"):
        own("price: []", "prices.yml")


def test_none_takes_own_prices_away(own: Any) -> None:
    own(GOOD)
    prices.load_custom(None)
    assert usd("openai", "gpt-4o") is None


def test_a_broken_file_leaves_what_was_loaded(own: Any) -> None:
    own(GOOD)
    with pytest.raises(prices.PriceFileError):
        own("[[price]]\n")
    assert usd("openai", "gpt-4o") == 3


def test_every_unit_has_a_key(table: Table) -> None:
    """A key says its unit and quantity, and every unit can be priced."""
    known = keys(table.units)
    assert {unit for unit, _ in known.values()} == set(table.units.per)
    assert all("_per_" in f"_{key}" for key in known)
    assert len(known) == len(table.units.per) + 3  # three kinds of seconds, by the hour and by the minute


ENTRY = '[[price]]\nmodel = "m"\n'
BAD = [
    ("price = [", " is not valid TOML: Invalid value (at end of document); correct that place."),
    ('a = 1\n[[price]]\nmodel = "m"', " has the unknown key 'a'; put prices into [[price]] entries."),
    ("", " has no list of prices; write each as a [[price]] entry (in YAML an item under `price:`)."),
    ("[price]\ninput_per_mtok = 1", " has no list of prices; write each as a [[price]] entry (in YAML an item under `price:`)."),
    ("price = [1]", " has no list of prices; write each as a [[price]] entry (in YAML an item under `price:`)."),
    ('currency = "EUR"', " says currency = 'EUR'; give prices in US dollars and leave the line out or write \"USD\"."),
    ("[[price]]\ninput_per_mtok = 1", ', entry 1: `model` is missing; add it, such as model = "gpt-4o*".'),
    (ENTRY, ", entry 1 (model 'm'): it has no price; add one, such as input_per_mtok = 2.50."),
    (ENTRY + "input_per_mtok = 1\n" + ENTRY + "input_mtok = 1", ", entry 2 (model 'm'): `input_mtok` is not a known key; the nearest is `input_per_mtok`."),
    (ENTRY + "zzz = 1", ", entry 1 (model 'm'): `zzz` is not a known key; prices are keys such as input_per_mtok."),
    (ENTRY + 'input_per_mtok = "2.5"', ", entry 1 (model 'm'): `input_per_mtok` is '2.5'; write US dollars as a number, such as 2.50."),
    (ENTRY + "input_per_mtok = true", ", entry 1 (model 'm'): `input_per_mtok` is True; write US dollars as a number, such as 2.50."),
    (ENTRY + "input_per_mtok = -1", ", entry 1 (model 'm'): `input_per_mtok` is -1; write US dollars from 0 to a billion, at most 18 decimals."),
    (ENTRY + "input_per_mtok = nan", ", entry 1 (model 'm'): `input_per_mtok` is NaN; write US dollars from 0 to a billion, at most 18 decimals."),
    (ENTRY + "input_per_mtok = inf", ", entry 1 (model 'm'): `input_per_mtok` is Infinity; write US dollars from 0 to a billion, at most 18 decimals."),
    (ENTRY + "input_per_mtok = 1e999999", ", entry 1 (model 'm'): `input_per_mtok` is 1E+999999; write US dollars from 0 to a billion, at most 18 decimals."),
    (ENTRY + "input_per_mtok = 1e-999999", ", entry 1 (model 'm'): `input_per_mtok` is 1E-999999; write US dollars from 0 to a billion, at most 18 decimals."),
    (ENTRY + "cache_read_per_mtok = 1", ", entry 1 (model 'm'): its prices can't be told apart without one more; add `input_per_mtok`."),
    (
        ENTRY + "input_per_mtok = 1\ncache_read_per_mtok = 1\ninput_audio_per_mtok = 2",
        ", entry 1 (model 'm'): its prices can't be told apart without one more; add `cache_audio_read_per_mtok`.",
    ),
    (
        ENTRY + "audio_per_hour = 6\naudio_per_minute = 1",
        ", entry 1 (model 'm'): `audio_per_minute` prices what a key above it prices already; keep one.",
    ),
    ('[[price]]\nmodel = 4\ninput_per_mtok = 1', ", entry 1 (model 4): `model` is 4; write a name in quotes."),
    ('[[price]]\nmodel = " "\ninput_per_mtok = 1', ", entry 1 (model ' '): `model` is ' '; write a name in quotes."),
    (ENTRY + "input_per_mtok = 1\nprovider = []", ", entry 1 (model 'm'): `provider` is []; write a name in quotes."),
    (ENTRY + 'input_per_mtok = 1\nbatch = "yes"', ", entry 1 (model 'm'): `batch` is 'yes'; write true or false."),
    (ENTRY + "input_per_mtok = 1\n" + ENTRY + "input_per_mtok = 2", ", entry 2 (model 'm'): an entry above is for the same calls; keep one of them."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_bad_file_gets_one_sentence(own: Any, tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(prices.PriceFileError) as refused:
        own(text)
    assert str(refused.value) == f"Price file {tmp_path / 'prices.toml'}{says}"


def test_bad_files(own: Any, tmp_path: Path) -> None:
    """Missing, unreadable, of another kind: each says what to do."""
    with pytest.raises(prices.PriceFileError, match=r"cannot be read \(No such file or directory\); correct the path"):
        prices.load_custom(tmp_path / "missing.toml")
    with pytest.raises(prices.PriceFileError, match=r"cannot be read \(Is a directory\); correct the path"):
        prices.load_custom(tmp_path)
    with pytest.raises(prices.PriceFileError, match=r"has an unknown ending; name it \.toml, \.yaml or \.yml\.$"):
        own("{}", "prices.json")
    with pytest.raises(prices.PriceFileError, match=r"is not valid YAML at line 2; correct that place\.$"):
        own("price:\n\t- x", "prices.yaml")
    with pytest.raises(prices.PriceFileError, match=r"has no list of prices"):
        own("- 1", "prices.yaml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(prices.PriceFileError, match=r"is not UTF-8 text; save it as UTF-8\.$"):
        prices.load_custom(tmp_path / "bytes.toml")
