"""MCP's tools/call: which tool, and whether it failed or the protocol did. Arguments and contents are not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tellmetry import names
from tellmetry.record import ToolCall
from tellmetry.wire.shape import fields, text
from tellmetry.wire.tools import FAILED

OPERATION = names.OP_TOOL
METHOD = "tools/call"

# A server that answers with one of these has done its part: what it was sent was wrong.
_OF_THE_CALLER = {-32700, -32600, -32601, -32602, -32002}


def request(tool: ToolCall, body: Mapping[str, Any]) -> None:
    """Read which tool is called."""
    tool.mcp_method = METHOD
    tool.tool = tool.tool or text(body.get("name"))


def reply(tool: ToolCall, reply: Any) -> None:
    """Read a result, which may be that of a tool that failed, or a protocol error that came as one."""
    told = fields(fields(reply).get("root", reply))
    if True in (told.get("isError"), told.get("is_error")):
        tool.error_type = FAILED
    elif "message" in told:
        _refused(tool, told.get("code"))


chunk = reply


def failed(tool: ToolCall, error: BaseException) -> None:
    """Read the protocol's code of an error that has one."""
    code = fields(getattr(error, "error", None)).get("code")
    if code is not None:
        _refused(tool, code)


def _refused(tool: ToolCall, code: Any) -> None:
    tool.rpc_status = str(code)
    tool.error_type = None if tool.kind == "server" and code in _OF_THE_CALLER else str(code)
