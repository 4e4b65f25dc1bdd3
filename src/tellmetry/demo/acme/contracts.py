"""Contract review, owned by legal: a redline by the careful model, scored by a judge, decided by a lawyer."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, cast

import tellmetry
from tellmetry.demo.acme.clients import anthropic, openai
from tellmetry.demo.acme.models import JUDGING, REVIEWING, TRANSLATING

SYSTEM = "You review supplier contracts for Acme Cargo Bikes. Name every clause that a court or a buyer would dislike."
RECALL_TARGET = 0.9
MOST_ROUNDS = 60

READ_CLAUSE: Any = {
    "name": "read_clause",
    "description": "The full text of one clause.",
    "input_schema": {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
}


class Contract(NamedTuple):
    """A supplier's contract; its clauses are numbered from 1."""

    id: str
    supplier: str
    clauses: list[str]
    language: str = "en"


class Decision(NamedTuple):
    """What a lawyer said of a redline, perhaps hours later."""

    contract_id: str
    says: str
    asked_at: float
    by: str


def review(contract: Contract) -> str:
    """Write and score a redline, and ask a lawyer for a decision."""
    with tellmetry.workflow("contract_review", owner="legal", request_id=contract.id, model_profile="careful") as run:
        if contract.language != "en":
            contract = translated(contract)
        with tellmetry.prompt("contract_redline", "2026-11"):
            redline = write_redline(contract)
            tellmetry.evaluation("clause_recall", judge(contract, redline), target=RECALL_TARGET)
        tellmetry.review("redline", request_id=contract.id)
        run.outcome("awaiting_lawyer")
        return "awaiting_lawyer"


def decide(decision: Decision) -> str:
    """Take a lawyer's decision on a redline that was waiting for one."""
    with tellmetry.workflow("contract_review", owner="legal", request_id=decision.contract_id) as run:
        waiting = tellmetry.review("redline", request_id=decision.contract_id, requested_at=decision.asked_at)
        decided = {"approved": waiting.approve, "edited": waiting.edit, "rejected": waiting.reject}
        decided[decision.says](decision.by)
        run.outcome(decision.says, "lawyer")
        return decision.says


def translated(contract: Contract) -> Contract:
    """Have our own model translate the clauses."""
    reply = openai.chat.completions.create(
        model=TRANSLATING,
        messages=[
            {"role": "system", "content": f"Translate from {contract.language} to English."},
            {"role": "user", "content": "\n".join(contract.clauses)},
        ],
    )
    return contract._replace(clauses=(reply.choices[0].message.content or "").splitlines(), language="en")


def write_redline(contract: Contract) -> str:
    """Let the model read clause after clause until it has seen enough."""
    headings = "\n".join(f"{number}. {clause[:60]}" for number, clause in enumerate(contract.clauses, 1))
    messages: list[Any] = [{"role": "user", "content": f"Contract with {contract.supplier}:\n{headings}"}]
    for _ in range(MOST_ROUNDS):
        reply = anthropic.messages.create(
            model=REVIEWING,
            max_tokens=2000,
            system=[{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
            messages=messages,
            tools=[READ_CLAUSE],
        )
        asked = [part for part in reply.content if part.type == "tool_use"]
        if not asked:
            return "".join(part.text for part in reply.content if part.type == "text")
        messages.append({"role": "assistant", "content": [part.to_dict() for part in reply.content]})
        results = [result(part.id, read_clause(contract, **cast("Any", part.input))) for part in asked]
        messages.append({"role": "user", "content": results})
    return ""


def result(call_id: str, text: str) -> dict[str, Any]:
    """Wrap a tool's result for the model."""
    return {"type": "tool_result", "tool_use_id": call_id, "content": text}


@tellmetry.tool("read_clause")
def read_clause(contract: Contract, number: int) -> str:
    """Give one clause in full."""
    return contract.clauses[(number - 1) % len(contract.clauses)]


@tellmetry.prompt("redline_judge", 1)
def judge(contract: Contract, redline: str) -> float:
    """Score from 0 to 1 how many of the bad clauses a redline found; nobody waits for it, so it may take its time."""
    with tellmetry.model_profile("overnight"):
        reply = openai.chat.completions.create(
            model=JUDGING,
            service_tier="flex",
            response_format={"type": "json_object"},
            messages=[
                {"role": "system", "content": "Score the recall of a redline from 0 to 1, in JSON: score."},
                {"role": "user", "content": f"Contract with {contract.supplier}. Redline: {redline}"},
            ],
        )
    return float(json.loads(reply.choices[0].message.content or "{}")["score"])
