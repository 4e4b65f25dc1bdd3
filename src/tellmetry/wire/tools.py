"""One execution of a tool by a framework: its name and who asked for it, nothing that it was given or gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import ToolCall
from tellmetry.wire.shape import fields, text

OPERATION = names.OP_TOOL
FAILED = "tool_error"  # what the framework or the protocol says of a tool that failed without raising


def request(tool: ToolCall, body: Mapping[str, Any]) -> None:
    """Read which tool it is: `name`, and `call_id` as the model gave it."""
    tool.tool = text(body.get("name"))
    tool.call_id = text(body.get("call_id"))
    tool.tool_type = "function"


def reply(tool: ToolCall, reply: Any) -> None:
    """Read whether the framework made an answer for the model of an error."""
    told = fields(reply)
    if told.get("status") == "error" or told.get("is_error") is True:
        tool.error_type = FAILED


chunk = reply
