"""Bedrock's Converse format: camel case, cached tokens outside the input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.guardrail_assessment import intervened, reasons
from tellmetry.wire.shape import count, fields, fingerprint, items, length, number, text

OPERATION = "chat"


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for."""
    call.model = text(body.get("modelId"))
    config = fields(body.get("inferenceConfig"))
    call.max_tokens = count(config.get("maxTokens"))
    call.temperature = number(config.get("temperature"))
    call.top_p = number(config.get("topP"))
    call.guardrail_id = text(fields(body.get("guardrailConfig")).get("guardrailIdentifier"))
    call.service_tier = text(fields(body.get("serviceTier")).get("type"))
    call.prompt_version = fingerprint(body.get("system"), fields(body.get("toolConfig")).get("tools"))


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("system")) + length(body.get("messages"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer."""
    told = fields(reply)
    identity(call, told)
    if told.get("usage") is not None:
        usage(call, told["usage"])
    content = items(fields(fields(told.get("output")).get("message")).get("content"))
    names = [text(fields(one["toolUse"]).get("name")) for one in content if "toolUse" in one]
    if names:
        call.tools = tuple(filter(None, names))
    _stop(call, told.get("stopReason"), told.get("trace"))


def identity(call: ModelCall, told: Mapping[str, Any]) -> None:
    """Read what botocore says of the exchange, for every Bedrock operation."""
    about = fields(told.get("ResponseMetadata"))
    call.request_id = text(about.get("RequestId"))
    call.http_status = count(about.get("HTTPStatusCode"))
    tier = text(fields(told.get("serviceTier")).get("type"))
    if tier is not None:
        call.service_tier = tier


def chunk(call: ModelCall, event: Any) -> None:
    """Read one event, a mapping of its kind to its content; most hold text."""
    for kind, told in fields(event).items():
        if kind == "contentBlockDelta":
            delta = fields(told.get("delta"))
            said = delta.get("text") or fields(delta.get("toolUse")).get("input")
            call.output_chars += len(said or "")
        elif kind == "contentBlockStart":
            name = text(fields(fields(told.get("start")).get("toolUse")).get("name"))
            call.tools = (*(call.tools or ()), name) if name else call.tools
        elif kind == "messageStop":
            _stop(call, told.get("stopReason"), None)
        elif kind == "metadata":
            if told.get("usage") is not None:
                usage(call, told["usage"])
            _blame(call, told.get("trace"))


def _stop(call: ModelCall, reason: Any, trace: Any) -> None:
    said = text(reason)
    if said is None:
        return
    call.finish_reasons = (said,)
    if said == "guardrail_intervened":
        call.checked(call.guardrail_id or "bedrock", "block", "guardrail", "output")
        _blame(call, trace)
    elif said in ("content_filtered", "refusal"):
        call.checked("content_filter" if said == "content_filtered" else said, "block", said, "output")


def _blame(call: ModelCall, trace: Any) -> None:
    """Say which side and which policy a guardrail stepped in for, where its trace was asked for."""
    if not call.checks or call.finish_reasons != ("guardrail_intervened",):
        return
    told = fields(fields(trace).get("guardrail"))
    for side, target in (("inputAssessment", "input"), ("outputAssessments", "output")):
        for assessment in fields(told.get(side)).values():
            for one in assessment if isinstance(assessment, list) else (assessment,):
                acted = [finding for finding in reasons(one) if finding.action != "NONE"]
                if acted:
                    first = call.checks[0]
                    said = first._replace(outcome=intervened(acted), reason=acted[0].reason, target=target)
                    call.checks = (said,)
                    return


def usage(call: ModelCall, usage: Any) -> None:
    """Read the usage block. Cached tokens stand outside the input here: they are added to it."""
    told = fields(usage)
    read, written = count(told.get("cacheReadInputTokens")), count(told.get("cacheWriteInputTokens"))
    fresh = count(told.get("inputTokens"))
    if fresh is not None:
        call.input_tokens = fresh + (read or 0) + (written or 0)
    call.output_tokens = count(told.get("outputTokens"))
    call.cache_read_tokens, call.cache_write_tokens = read, written
    for detail in items(told.get("cacheDetails")):
        if fields(detail).get("ttl") == "1h":
            call.cache_write_1h_tokens = count(fields(detail).get("inputTokens")) or None
