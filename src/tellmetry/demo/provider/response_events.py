"""OpenAI Responses as a stream: the typed events, in their order and numbered."""

from __future__ import annotations

from typing import Any

from tellmetry.demo.provider.answer import Answer, Call, argument_pieces
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.frames import Frame, event
from tellmetry.demo.provider.responses import call_item, ended, envelope, items, message, part, usage_json


def frames(ask: Ask, answer: Answer) -> list[Frame]:
    """Write the reply as events, numbered in order."""
    usage = usage_json(answer.usage)
    started = envelope(ask, answer, "in_progress", [])
    events: list[tuple[dict[str, Any], int]] = [
        ({"type": "response.created", "response": started}, 0),
        ({"type": "response.in_progress", "response": started}, 0),
    ]
    output = items(answer)
    for index, (item, call) in enumerate(output):
        events += _item_events(answer, index, item, call)
    reply = ended(ask, answer, [item for item, _ in output], usage)
    events.append(({"type": f"response.{reply['status']}", "response": reply}, 0))
    return [event({**e, "sequence_number": i}, chars) for i, (e, chars) in enumerate(events)]


def _item_events(
    answer: Answer, index: int, item: dict[str, Any], call: Call | None
) -> list[tuple[dict[str, Any], int]]:
    at = {"output_index": index}
    if item["type"] == "message":
        opened, inside = message(answer, "in_progress", []), _text_events(answer, at)
    elif call is not None:
        opened, inside = call_item(call, "in_progress", ""), _argument_events(call, at)
    else:
        opened, inside = item, []
    chars = len(call.name) if call else 0
    return [
        ({"type": "response.output_item.added", **at, "item": opened}, chars),
        *inside,
        ({"type": "response.output_item.done", **at, "item": item}, 0),
    ]


def _text_events(answer: Answer, at: dict[str, Any]) -> list[tuple[dict[str, Any], int]]:
    at = {"item_id": f"msg_{answer.id}", **at, "content_index": 0}
    refused = answer.finish == "refusal"
    name = "response.refusal" if refused else "response.output_text"
    extra: dict[str, Any] = {} if refused else {"logprobs": []}
    whole = {"refusal" if refused else "text": answer.text}
    return [
        ({"type": "response.content_part.added", **at, "part": part(answer, "")}, 0),
        *(({"type": f"{name}.delta", **at, "delta": p} | extra, len(p)) for p in answer.pieces),
        ({"type": f"{name}.done", **at} | whole | extra, 0),
        ({"type": "response.content_part.done", **at, "part": part(answer, answer.text)}, 0),
    ]


def _argument_events(call: Call, at: dict[str, Any]) -> list[tuple[dict[str, Any], int]]:
    at = {"item_id": f"fc_{call.id}", **at}
    name = "response.function_call_arguments"
    return [
        *(({"type": f"{name}.delta", **at, "delta": p}, len(p)) for p in argument_pieces(call)),
        ({"type": f"{name}.done", **at, "arguments": call.arguments, "name": call.name}, 0),
    ]
