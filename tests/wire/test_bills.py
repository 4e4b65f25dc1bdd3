"""What calls cost: usage as each provider tells it, and dollars worked out by hand from the provider's own price list.

`formula` is that working: counts times list prices, in dollars a million tokens where nothing else is said. None of our
code has part in it.
"""

from __future__ import annotations

import ast
import importlib
import json
import operator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tellmetry.emit import totals
from tellmetry.record import ModelCall
from tellmetry.settings import Settings
from tellmetry.wire.litellm import Translated

ROWS = json.loads((Path(__file__).parent / "bills.json").read_text())
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).isoformat()  # some prices are lower at night
_USAGE = {"gemini": "usage_metadata", "gemini_embeddings": "usage_metadata", "cohere_embeddings": "meta", "rerank": "meta"}
_MODEL = {"converse": "modelId"}
_SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_CLIENTS = {
    "openai", "anthropic", "google_genai", "bedrock", "mistralai", "cohere", "groq", "together", "huggingface_hub",
    "azure_ai_inference", "ollama", "litellm", "lm15",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _prices() -> None:
    totals.configure(Settings())


def by_hand(formula: str) -> float:
    """Work a formula out: numbers, signs and brackets, nothing else."""

    def value(node: Any) -> float:
        if isinstance(node, ast.BinOp):
            return _SIGNS[type(node.op)](value(node.left), value(node.right))  # type: ignore[no-any-return]
        assert isinstance(node, ast.Constant)
        return float(node.value)

    return value(ast.parse(formula, mode="eval").body)


def billed(row: dict[str, Any]) -> ModelCall:
    """Read a row as the engine would."""
    through, _, name = row["wire"].rpartition(":")
    wire = importlib.import_module(f"tellmetry.wire.{name}")
    wire = Translated(wire) if through else wire
    call = ModelCall()
    call.operation, call.provider, call.api_url = wire.OPERATION, row.get("provider"), row.get("url")
    call.started_ns = int(datetime.fromisoformat(row.get("at", NOON)).timestamp()) * 10**9
    wire.request(call, {_MODEL.get(name, "model"): row["model"], **row.get("request", {})})
    usage = {_USAGE.get(name, "usage"): row["usage"]} if "usage" in row else {}
    wire.reply(call, {"id": "1", "model": row["model"].rpartition("/")[2] if through else row["model"], **usage, **row.get("reply", {})})
    totals.price(call)
    return call


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['client']}: {row['says']}") for row in ROWS])
def test_bill(row: dict[str, Any]) -> None:
    call = billed(row)
    if row["usd"] is None:
        assert (call.cost_usd, call.cost_source) == (None, "unpriced")
        return
    assert float(row["usd"]) == pytest.approx(by_hand(row["formula"]), rel=1e-12)
    assert call.cost_usd == pytest.approx(float(row["usd"]), rel=1e-12)


def test_every_client_that_calls_models_has_its_table() -> None:
    assert {row["client"] for row in ROWS} == _CLIENTS
