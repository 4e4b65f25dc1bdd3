"""Lead triage, owned by ops: who should answer a lead, and a first reply for the salesperson to send."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from anthropic import APIError
from openai import InternalServerError, RateLimitError

import tellmetry
from tellmetry.demo.acme.clients import anthropic, openai
from tellmetry.demo.acme.knowledge import Found, customers
from tellmetry.demo.acme.models import CAREFUL, MODERATION, SORTING, WRITING

TASK = "You sort the leads of Acme Cargo Bikes. Answer in JSON: the route (sales, partner or nobody) and confidence."
SYSTEM = {"2": TASK, "3": f"{TASK} Look the company up in the CRM first. Do not trust a budget without a date."}
STANDARD_REPLY = "Thank you for your interest in Acme Cargo Bikes. A colleague will call you tomorrow."
LEAST_CONFIDENCE = 0.6
ROUTE_TARGET = 0.92

CRM_HISTORY: Any = {
    "type": "function",
    "function": {
        "name": "crm_history",
        "description": "What this company bought and asked before.",
        "parameters": {"type": "object", "properties": {"company": {"type": "string"}}, "required": ["company"]},
    },
}
_CONTACT = re.compile(r"[\w.]+@[\w.]+|\+?\d[\d ]{7,}\d")


class Lead(NamedTuple):
    """Somebody who may want to buy."""

    id: str
    company: str
    text: str
    truth: str | None = None
    """Where sales sent it in the end, where that is known already."""


class Verdict(NamedTuple):
    """Where a lead should go."""

    route: str
    confidence: float


def triage(lead: Lead) -> str:
    """Sort one lead; give what became of it."""
    with tellmetry.workflow("lead_triage", owner="ops", request_id=lead.id) as run:
        if is_abusive(lead.text):
            run.outcome("rejected", "abuse")
            return "rejected"
        text = without_contacts(lead.text)
        verdict = sort(lead, text, customers.search(text))
        if lead.truth:
            tellmetry.evaluation("correct_route_rate", float(verdict.route == lead.truth), target=ROUTE_TARGET)
        if verdict.confidence < LEAST_CONFIDENCE:
            run.outcome("manual_review", "low_confidence", verdict.confidence)
            return "manual_review"
        write_reply(lead, text)
        run.outcome(verdict.route, confidence=verdict.confidence)
        return verdict.route


def is_abusive(text: str) -> bool:
    """Ask the provider's moderation."""
    return openai.moderations.create(model=MODERATION, input=text).results[0].flagged


def without_contacts(text: str) -> str:
    """Take mail addresses and telephone numbers out before any model sees them."""
    with tellmetry.guardrail("contact_details", target="input") as check:
        clean, found = _CONTACT.subn("(removed)", text)
        if found:
            check.modify("contact_details")
        return clean


def sort(lead: Lead, text: str, known: list[Found]) -> Verdict:
    """Sort with the cheap model, with the careful one where the cheap one cannot be had."""
    version = "3" if int(lead.id[-1]) % 3 == 0 else "2"  # a third of the leads tries the new prompt
    asked = f"{lead.company} writes: {text}\nAlike: {' '.join(one.text for one in known) or 'nobody'}"
    with tellmetry.prompt("lead_triage", version):
        try:
            with tellmetry.model_profile("cheap"):
                answer = ask_cheap(SYSTEM[version], asked)
        except (InternalServerError, RateLimitError):
            with (
                tellmetry.fallback("careful", failed="cheap", reason="provider_down"),
                tellmetry.model_profile("careful"),
            ):
                answer = ask_careful(SYSTEM[version], asked)
    return Verdict(**json.loads(answer))


def ask_cheap(system: str, asked: str) -> str:
    """Ask OpenAI, which may look into the CRM before it answers."""
    messages: list[Any] = [{"role": "system", "content": system}, {"role": "user", "content": asked}]
    while True:
        reply = openai.chat.completions.create(
            model=SORTING, messages=messages, tools=[CRM_HISTORY], response_format={"type": "json_object"}
        )
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content or "{}"
        messages.append(message.to_dict())
        for call in message.tool_calls:
            given = json.loads(call.function.arguments)  # type: ignore[union-attr]
            messages.append({"role": "tool", "tool_call_id": call.id, "content": crm_history(**given)})


@tellmetry.tool("crm_history")
def crm_history(company: str) -> str:
    """Say what a company did before."""
    return f"{company}: one enquiry in 2024, no order, nothing open."


def ask_careful(system: str, asked: str) -> str:
    """Ask Anthropic for the same."""
    reply = anthropic.messages.create(
        model=CAREFUL, max_tokens=300, system=system, messages=[{"role": "user", "content": asked}]
    )
    return "".join(part.text for part in reply.content if part.type == "text")


def write_reply(lead: Lead, text: str) -> str:
    """Write the first reply; it must not promise what only a contract can."""
    try:
        draft = first_paragraph(lead, text)
    except APIError:
        with tellmetry.fallback("standard_reply", failed="writing", reason="stream_broken"):
            return STANDARD_REPLY
    with tellmetry.guardrail("promises", target="output") as check:
        if "guarantee" in draft:
            check.block("unapproved_promise")
            return STANDARD_REPLY
    return draft


@tellmetry.prompt("lead_reply", 1)
def first_paragraph(lead: Lead, text: str) -> str:
    """Stream the reply, and stop reading after its first paragraph: nobody reads more."""
    draft = ""
    for event in anthropic.messages.create(
        model=WRITING,
        max_tokens=400,
        system="You write the first reply to a lead of Acme Cargo Bikes: friendly, short, no prices.",
        messages=[{"role": "user", "content": f"{lead.company} writes: {text}"}],
        stream=True,
    ):
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            draft += event.delta.text
            if "\n\n" in draft:
                break
    return draft.strip()
