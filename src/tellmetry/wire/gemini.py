"""Google's generateContent format, of Gemini and Vertex, as the SDK's objects spell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry.record import ModelCall
from tellmetry.wire.shape import count, fields, fingerprint, items, length, number, text

OPERATION = "generate_content"
_BLOCKED = frozenset(
    ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY",
     "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR")
)  # fmt: skip
_CATEGORY = "HARM_CATEGORY_"
_PARTS = {  # usage key → modality → record field
    "prompt_tokens_details": {"AUDIO": "input_audio_tokens", "IMAGE": "input_image_tokens"},
    "cache_tokens_details": {"AUDIO": "cache_read_audio_tokens"},
    "candidates_tokens_details": {"AUDIO": "output_audio_tokens", "IMAGE": "output_image_tokens"},
}


def request(call: ModelCall, body: Mapping[str, Any]) -> None:
    """Read what the app asks for; a resource name is cut down to the model's own."""
    model = text(body.get("model"))
    call.model = model and (model.rpartition("models/")[2] or model)
    config = fields(body.get("config"))
    call.temperature = number(config.get("temperature"))
    call.top_p = number(config.get("top_p"))
    top_k = number(config.get("top_k"))
    call.top_k = None if top_k is None else int(top_k)
    call.max_tokens = count(config.get("max_output_tokens"))
    call.presence_penalty = number(config.get("presence_penalty"))
    call.frequency_penalty = number(config.get("frequency_penalty"))
    call.seed = count(config.get("seed"))
    choices = count(config.get("candidate_count"))
    call.choices = None if choices == 1 else choices
    tier = text(config.get("service_tier"))
    call.service_tier = tier.lower() if tier else None
    call.reasoning_level = _level(fields(config.get("thinking_config")))
    kind = text(config.get("response_mime_type"))
    if kind is not None:
        call.output_type = "json" if kind.endswith("json") else "text"
    call.prompt_version = fingerprint(config.get("system_instruction"), config.get("tools"))


def _level(thinking: Mapping[str, Any]) -> str | None:
    level = text(thinking.get("thinking_level"))
    return level.lower() if level else None


def input_chars(body: Mapping[str, Any]) -> int:
    """Count the characters sent."""
    return length(body.get("contents")) + length(fields(body.get("config")).get("system_instruction"))


def reply(call: ModelCall, reply: Any) -> None:
    """Read a whole answer, or one chunk of it: both have the same shape, with counts up to here."""
    told = fields(reply)
    if call.response_id is None:
        call.response_id = text(told.get("response_id"))
        call.response_model = text(told.get("model_version"))
    used = told.get("usage_metadata")
    if used is not None:
        usage(call, fields(used))
    refused = text(fields(told.get("prompt_feedback")).get("block_reason"))
    if refused is not None:
        _blocked(call, refused.lower(), "input")
    for candidate in items(told.get("candidates")):
        _candidate(call, fields(candidate))


chunk = reply


def _candidate(call: ModelCall, told: Mapping[str, Any]) -> None:
    for part in items(fields(told.get("content")).get("parts")):
        inside = fields(part)
        said, asked = inside.get("text"), inside.get("function_call")
        if said:
            call.output_chars += len(said)
        if asked is not None:
            name = text(fields(asked).get("name"))
            call.tools = (*(call.tools or ()), *((name,) if name else ()))
    reason = text(told.get("finish_reason"))
    if reason is not None:
        call.finish_reasons = (*(call.finish_reasons or ()), reason)
        if reason in _BLOCKED:
            _blocked(call, _category(told) or reason.lower(), "output")
    searched = items(fields(told.get("grounding_metadata")).get("web_search_queries"))
    if searched:
        call.web_searches = 1  # a grounded prompt is charged, however many queries it took


def _category(told: Mapping[str, Any]) -> str | None:
    """Give the category that a safety rating blocked."""
    for rating in items(told.get("safety_ratings")):
        inside = fields(rating)
        if inside.get("blocked"):
            return (text(inside.get("category")) or "safety").removeprefix(_CATEGORY).lower()
    return None


def _blocked(call: ModelCall, reason: str, target: str) -> None:
    if not call.checks:
        call.checked("safety", "block", reason, target)


def usage(call: ModelCall, told: Mapping[str, Any]) -> None:
    """Read the usage block: cached tokens are inside the prompt; thoughts and tool results stand outside."""
    prompt, results = count(told.get("prompt_token_count")), count(told.get("tool_use_prompt_token_count"))
    said, thought = count(told.get("candidates_token_count")), count(told.get("thoughts_token_count"))
    if prompt is not None:
        call.input_tokens = prompt + (results or 0)
    if said is not None or thought is not None or prompt is not None:
        call.output_tokens = (said or 0) + (thought or 0)
    call.cache_read_tokens = count(told.get("cached_content_token_count"))
    call.reasoning_tokens = thought
    tier = text(told.get("service_tier"))
    if tier is not None:
        call.service_tier = tier.lower()
    for key, wanted in _PARTS.items():
        if told.get(key):
            _modalities(call, told[key], wanted)


def _modalities(call: ModelCall, details: Any, wanted: Mapping[str, str]) -> None:
    for one in items(details):
        inside = fields(one)
        field = wanted.get(text(inside.get("modality")) or "")
        if field is not None:
            setattr(call, field, count(inside.get("token_count")) or None)
