"""What goes wrong on demand: error replies in each API's own words, and streams that break."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from tellmetry.demo.provider.frames import Frame, data, event
from tellmetry.demo.provider.script import HALFWAY, Script, ScriptError

Family: TypeAlias = Literal["openai", "anthropic"]

_OPENAI: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "Invalid request."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "permission_denied", "You are not allowed to do this."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist."),
    408: ("server_error", "timeout", "The request timed out."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached."),
    500: ("server_error", None, "The server had an error processing your request."),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
_ANTHROPIC: dict[int, tuple[str, str]] = {
    400: ("invalid_request_error", "Invalid request."),
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low."),
    403: ("permission_error", "You are not allowed to do this."),
    404: ("not_found_error", "model not found"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    500: ("api_error", "Internal server error"),
    504: ("timeout_error", "The request timed out."),
    529: ("overloaded_error", "Overloaded"),
}
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_FAULTS = range(400, 600)
_FILTERED_PROMPT = "The prompt was refused by the content filter."


def fault_of(script: Script) -> Script | None:
    """Return the script of an error reply when there has to be one instead of an answer."""
    if script.status is not None:
        if script.status not in _FAULTS:
            raise ScriptError("status is for errors: 400 to 599")
        return script
    if script.content_filter == "prompt":
        return Script(status=400, code="content_filter", message=_FILTERED_PROMPT)
    return None


def _class_of(status: int) -> int:
    """Name the status that stands for its whole class."""
    return _SERVER_ERROR if status >= _SERVER_ERROR else _CLIENT_ERROR


def openai_error(script: Script) -> dict[str, Any]:
    """Write OpenAI's error object."""
    status = script.status or 500
    kind, code, message = _OPENAI.get(status, _OPENAI[_class_of(status)])
    if script.code == "insufficient_quota":
        kind = script.code
    error = {"message": script.message or message, "type": kind, "param": None}
    return error | {"code": script.code or code}


def body(family: Family, script: Script, request_id: str) -> dict[str, Any]:
    """Write the body of an error reply."""
    if family == "openai":
        return {"error": openai_error(script)}
    status = script.status or 500
    kind, message = _ANTHROPIC.get(status, _ANTHROPIC[_class_of(status)])
    error: dict[str, Any] = {"type": kind, "message": script.message or message}
    if script.code:
        error["details"] = {"error_code": script.code}
    return {"type": "error", "error": error, "request_id": request_id}


def headers(script: Script) -> dict[str, str]:
    """Give the headers that steer a client's retries."""
    given = {
        "retry-after": script.retry_after,
        "retry-after-ms": script.retry_after_ms,
        "x-should-retry": script.should_retry,
    }
    return {
        name: f"{value:g}" if isinstance(value, float) else value for name, value in given.items() if value is not None
    }


def spoil(frames: list[Frame], endpoint: str, script: Script) -> list[Frame]:
    """Return the stream as far as the script lets it come, with what breaks it; the same list when nothing does."""
    if script.error_event is not None:
        frames = upto(frames, script.error_event)
        frames = [*frames, _error_frame(endpoint, len(frames), script)]
    elif script.malformed is not None:
        name = b"event: content_block_delta\n" if endpoint == "messages" else b""
        frames = [*upto(frames, script.malformed), Frame(name + b'data: {"id": "broken\n\n')]
    return frames if script.cut_after is None else upto(frames, script.cut_after)


def _error_frame(endpoint: str, number: int, script: Script) -> Frame:
    if endpoint == "messages":
        overload = Script(status=529, code=script.code, message=script.message)
        return event({"type": "error", "error": body("anthropic", overload, "")["error"]})
    code = script.code or "server_error"
    error = openai_error(Script(status=500, code=code, message=script.message))
    if endpoint == "responses":
        return event({"type": "error", "error": error, "sequence_number": number})
    return data({"error": error})


def upto(frames: list[Frame], chunks: int) -> list[Frame]:
    """Keep the frames up to the given content chunk and nothing after it; 0 keeps what precedes the first."""
    at = [index for index, frame in enumerate(frames) if frame.chars]
    if chunks == HALFWAY:
        chunks = len(at) // 2
    if chunks > len(at):
        raise ScriptError(f"the stream has only {len(at)} content chunks")
    if chunks == 0:
        return frames[: at[0]] if at else frames[:]
    return frames[: at[chunks - 1] + 1]
